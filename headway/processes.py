"""Identify a process despite PID reuse: by host, boot, PID namespace and start time."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HOST = socket.gethostname()
PROC = Path("/proc")
# In /proc/PID/stat, after the command's closing bracket: ticks since boot at the start.
STARTED_AT_FIELD = 19
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Process:
    """A process, as another one in the same PID namespace finds it again."""

    host: str
    pid: int
    start_time: str | None


def this_process() -> Process:
    """The calling process."""
    pid = os.getpid()
    return Process(HOST, pid, start_time_of(pid))


@cache
def pid_namespace() -> str:
    """Where this process' PID is valid: on this host, since its boot, in this namespace."""
    try:
        pids = str((PROC / "self/ns/pid").readlink())
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:  # no Linux
        return HOST
    return f"{HOST} {boot} {pids}"


def start_time_of(pid: int) -> str | None:
    """What distinguishes a process from a later one with its PID; None if that is not known."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[STARTED_AT_FIELD]


def is_gone(pid: int, start_time: str | None) -> bool:
    """True when the process that had this PID here, and started then, is gone."""
    if start_time is not None:
        return start_time_of(pid) != start_time
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def end(pid: int, start_time: str | None) -> None:
    """Kill a process, if it is certain that the PID is still its own."""
    if start_time is not None and start_time_of(pid) == start_time:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def end_group(leader: int, start_time: str | None = None) -> None:
    """Kill the process group of `leader`, even if the leader itself is gone already.

    Without a `start_time` the leader must be known to be gone. While a member lives, the kernel
    does not reuse the number, so a group without its leader is the right one. Without /proc, which
    makes sure of that, nothing is killed.
    """
    if not PROC.is_dir() or start_time_of(leader) not in {None, start_time}:
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when `parent` dies (Linux; elsewhere nothing).

    A work-horse that outlived its worker could finish a job that is already running again.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), signal.SIGKILL)
