"""Outages: Redis or the store cannot be used for as long as a `with` lasts."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support import behind
from tests.support.system import System

# Left on a disk that is called full, in bytes: what was written meanwhile may fit, no more.
FILLING_BYTES = 4096
DISK_BYTES = 24 * 1024 * 1024


def let_it_last(seconds: float) -> None:
    """Let an outage last: its length is the premise of a test, not a hope."""
    time.sleep(seconds)


@contextmanager
def redis_down(system: System) -> Iterator[None]:
    """No Redis, as after a crash; what it had written to its file is there again afterwards."""
    system.redis.kill()
    try:
        yield
    finally:
        system.redis.start()


@contextmanager
def redis_frozen(system: System) -> Iterator[None]:
    """A Redis that takes everything and answers nothing."""
    system.redis.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        system.redis.signal(signal.SIGCONT)


@contextmanager
def store_locked(system: System) -> Iterator[None]:
    """Nobody can write to the store, as during a stuck backup."""
    with behind.locked(system.settings):
        yield


@contextmanager
def small_disk(system: System) -> Iterator[None]:
    """A small disk of its own for the system's whole folder of data; before it starts.

    Raises PermissionError where mounting is not permitted.
    """
    disk = system.folder / "data"
    disk.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0 or shutil.which("mount") is None:
        raise PermissionError("mounting a small disk needs root")
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "headway-test", str(disk)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        raise PermissionError(f"mounting is not permitted: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


@contextmanager
def disk_full(system: System) -> Iterator[None]:
    """Not a byte is left on the small disk."""
    _empty_the_log(system)
    filler = system.folder / "data" / "filler"
    try:
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * FILLING_BYTES)
        yield
    finally:
        filler.unlink()


@contextmanager
def store_read_only(system: System) -> Iterator[None]:
    """The store's files and folders cannot be changed, not even by who has them open.

    Raises PermissionError where the filesystem knows no such thing.
    """
    data = system.folder / "data"
    (data / "uploads").mkdir(exist_ok=True)
    with immutable([*data.glob("headway.db*"), data, data / "uploads"]):
        yield


@contextmanager
def immutable(paths: list[Path]) -> Iterator[None]:
    """Files and folders that cannot be changed, not even by who has them open.

    Raises PermissionError where the filesystem knows no such thing.
    """
    try:
        _change_attributes("+i", paths)
        yield
    finally:
        _change_attributes("-i", paths)


def _empty_the_log(system: System) -> None:
    # SQLite writes over what its log (the WAL) holds already, and needs no disk for that.
    behind.run(system.settings, "PRAGMA wal_checkpoint(TRUNCATE)")


def _change_attributes(change: str, paths: list[Path]) -> None:
    if shutil.which("chattr") is None:
        raise PermissionError("there is no chattr here")
    command = ["chattr", change, *map(str, paths)]
    changed = subprocess.run(command, capture_output=True, text=True, check=False)
    if changed.returncode != 0:
        raise PermissionError(f"chattr is not permitted: {changed.stderr.strip()}")
