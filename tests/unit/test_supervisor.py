"""The processes of ours, beside those of the application that has us within."""

from __future__ import annotations

import subprocess
import sys


def test_whoever_imports_us_keeps_its_own_way_of_starting_processes() -> None:
    code = (
        "import multiprocessing; multiprocessing.set_start_method('spawn')\n"
        "import headway.supervisor, quart_app\n"
        "print(multiprocessing.get_start_method())"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "spawn"
