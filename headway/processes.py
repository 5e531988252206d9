"""Which process a pid names: pids mean something in one place only, and are given out again."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HOST = socket.gethostname()
PROC = Path("/proc")
# In /proc/PID/stat, after the command's closing bracket: ticks since boot at the start.
STARTED_AT_FIELD = 19


@dataclass(frozen=True, slots=True)
class Process:
    """A process, as one on the same place finds it again: see `birth_of`."""

    host: str
    pid: int
    birth: str | None


def this_process() -> Process:
    """The process that asks."""
    pid = os.getpid()
    return Process(HOST, pid, birth_of(pid))


@cache
def place() -> str:
    """Where this process' pid means something: this machine since its boot, its set of pids."""
    try:
        pids = str((PROC / "self/ns/pid").readlink())
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:  # no Linux
        return HOST
    return f"{HOST} {boot} {pids}"


def birth_of(pid: int) -> str | None:
    """What distinguishes a process from a later one with its pid; None where nobody tells."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[STARTED_AT_FIELD]


def is_gone(pid: int, birth: str | None) -> bool:
    """True when the process that had this pid here, and was born then, is not there any more."""
    if birth is not None:
        return birth_of(pid) != birth
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def end(pid: int, birth: str | None) -> None:
    """Kill a process, if it is certain that the pid still names it."""
    if birth is not None and birth_of(pid) == birth:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def end_group(leader: int, birth: str | None = None) -> None:
    """Kill the process group that `leader` began, also when the leader itself is gone already.

    Without a `birth` the leader must be known to be gone. As long as a member lives the kernel
    gives the number to nobody else, so that a group without its leader is the right one. Where
    there is no /proc to be certain by, nothing is killed.
    """
    if not PROC.is_dir() or birth_of(leader) not in {None, birth}:
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
