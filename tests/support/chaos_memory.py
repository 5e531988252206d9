"""A control group with little memory, in which the kernel really ends who takes too much."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

GROUPS = Path("/sys/fs/cgroup")
NAME = f"headway-test-{os.getpid()}"


@contextmanager
def memory_limited(processes: list[psutil.Process], limit_bytes: int) -> Iterator[None]:
    """Let these processes, and what they start, have so much memory together.

    Raises OSError where no group can be made, or where groups have no memory limits.
    """
    home, limit = _home()
    group = home / NAME
    group.mkdir()
    try:
        (group / limit).write_text(str(limit_bytes))
        _move(processes, group)
        yield
    finally:
        members = (group / "cgroup.procs").read_text().split()
        _move([psutil.Process(int(pid)) for pid in members if psutil.pid_exists(int(pid))], home)
        group.rmdir()


def _home() -> tuple[Path, str]:
    """Our own group's folder, and the name of the file that limits a group's memory."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            return GROUPS / "memory" / path.lstrip("/"), "memory.limit_in_bytes"
    home = GROUPS / path.lstrip("/")
    if "memory" not in (home / "cgroup.subtree_control").read_text().split():
        raise OSError("the groups below ours have no memory limit")
    return home, "memory.max"


def _move(processes: list[psutil.Process], group: Path) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            (group / "cgroup.procs").write_text(str(process.pid))
