"""The processes of ours, beside those of the application that has us within."""

from __future__ import annotations

import subprocess
import sys

import pytest

from headway.errors import MissingExtra
from headway.kinds.kind import Kind, NoParams
from headway.supervisor import preload


def test_whoever_imports_us_keeps_its_own_way_of_starting_processes() -> None:
    code = (
        "import multiprocessing; multiprocessing.set_start_method('spawn')\n"
        "import headway.supervisor, quart_app\n"
        "print(multiprocessing.get_start_method())"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "spawn"


def test_a_kind_whose_modules_are_not_installed_is_named() -> None:
    kind = Kind(
        name="paint",
        function=lambda: None,
        params=NoParams,
        takes_params=False,
        queue="default",
        timeout_seconds=None,
        max_attempts=1,
        title="",
        preload=("no_such_module",),
    )

    with pytest.raises(MissingExtra, match="The kind paint needs no_such_module, which is missing"):
        preload(kind)
