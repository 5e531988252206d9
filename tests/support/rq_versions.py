"""An application with another version of RQ than ours, in an environment of its own."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

# What an application of each time would have installed.
PACKAGES = {
    "1.16.2": ("rq==1.16.2", "redis==5.0.8"),
    "2.0.0": ("rq==2.0.0", "redis==5.0.8"),
    "2.6.1": ("rq==2.6.1", "redis==6.4.0"),
    "2.12.0": ("rq==2.12.0", "redis==7.4.1"),
    "3.0.0": ("rq==3.0.0", "redis==8.1.0"),
}
ROOT = Path(__file__).parents[2]
APPLICATION = Path(__file__).with_name("any_rq")
# Seconds to install one, where nothing of it is cached.
INSTALL_SECONDS = 300
# The versions of these are what differs.
FREE = ("rq==", "redis==", "hiredis==")


def environment(version: str, *more: str) -> Path:
    """The folder of an environment with this RQ, and what else it is to have."""
    return kept_environment(f"rq-{version}", *PACKAGES[version], *more)


def kept_environment(name: str, *wanted: str) -> Path:
    """The folder of an environment with what is `wanted`, whose versions are all named.

    It is made once for all runs, outside of the checkout; processes wait for the one that makes it.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "headway-tests"
    cache.mkdir(parents=True, exist_ok=True)
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    pins = _pins()
    digest = hashlib.sha256("\n".join([*wanted, pins]).encode()).hexdigest()[:8]
    folder = cache / f"{name}-{python}-{digest}"
    with (cache / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "whole").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _install(folder, wanted, pins)
            (folder / "whole").touch()
    return folder


def with_headway(version: str, folder: Path, *more: str) -> tuple[Path, dict[str, str]]:
    """An environment with this RQ, the base of Headway's requirements and `more`; its variables.

    The wheel of the checkout is unpacked in `folder`, where the variables have Python look.
    """
    return environment(version, *requirements(), *more), unpacked_wheel(folder)


def requirements(*extras: str) -> list[str]:
    """What Headway requires, with these extras, except RQ and redis-py."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = (project["optional-dependencies"][extra] for extra in extras)
    every = (each for part in (project["dependencies"], *optional) for each in part)
    return [each for each in every if not each.startswith(("rq", "redis"))]


def unpacked_wheel(folder: Path) -> dict[str, str]:
    """Unpack the wheel of the checkout in `folder`; variables that have Python look there."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, capture_output=True, timeout=INSTALL_SECONDS, check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**own, "PYTHONPATH": str(folder)}


def _pins() -> str:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith(("#", *FREE)))


def _install(folder: Path, wanted: tuple[str, ...], pins: str) -> None:
    venv.create(folder, with_pip=False)
    (folder / "pins.txt").write_text(pins)
    # Constraints of this environment would hold RQ back.
    variables = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--no-compile"]
    done = subprocess.run(
        [*pip, "-c", str(folder / "pins.txt"), *wanted],
        env=variables,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr


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
