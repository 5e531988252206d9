"""An application with another version of RQ than ours, in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

# What an application of each time would have installed.
PACKAGES = {
    "1.16.2": ("rq==1.16.2", "redis<6"),
    "2.0.0": ("rq==2.0.0", "redis<6"),
    "2.6.1": ("rq==2.6.1", "redis>=6.1,<8"),
    "2.12.0": ("rq==2.12.0", "redis>=7,<8"),
    "3.0.0": ("rq==3.0.0", "redis>=8.0.1"),
}
APPLICATION = Path(__file__).with_name("any_rq")


def environment(version: str) -> Path:
    """The folder of an environment with this RQ, made once for all runs, outside of the checkout.

    Two processes may make it at a time; the first one done wins.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    folder = cache / "headway-tests" / f"rq-{version}-{python}"
    if folder.exists():
        return folder
    draft = folder.with_name(f"{folder.name}.{os.getpid()}")
    venv.create(draft, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", str(draft), "install", "--no-compile"]
    done = subprocess.run([*pip, *PACKAGES[version]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    try:
        draft.rename(folder)
    except OSError:
        assert folder.exists()
    return folder


class Application:
    """The application of `any_rq`, with a version of RQ, on a Redis."""

    def __init__(self, version: str, redis_url: str) -> None:
        self._bin = environment(version) / "bin"
        self._redis_url = redis_url
        self._variables = {**os.environ, "PYTHONPATH": str(APPLICATION)}

    def enqueue(self) -> None:
        """Put one job of each sort into the queue `default`."""
        program = f"import application; application.enqueue({self._redis_url!r})"
        subprocess.run([self._bin / "python", "-c", program], env=self._variables, check=True)

    @contextmanager
    def worker(self, name: str, worker_class: str = "rq.Worker") -> Iterator[psutil.Popen]:
        """A stock worker, for the length of a `with`; then it is killed with its work-horse."""
        python = [str(self._bin / "python"), "-m", "rq.cli", "worker", "default"]
        process = psutil.Popen(
            [*python, "--url", self._redis_url, "--name", name, "--worker-class", worker_class],
            env=self._variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        children: list[psutil.Process] = []
        try:
            yield process
        finally:
            if process.is_running():
                children = process.children(recursive=True)
                kill(process)
            for child in children:
                kill(child)


def kill(process: psutil.Process) -> None:
    """End a process without a word, and see it end."""
    with suppress(psutil.NoSuchProcess):
        process.kill()
        process.wait()
