"""Orphans: the processes that a job started and that outlive its work-horse (Linux only).

A process may leave its group and its session, and its parent may end before it. So a worker asks
the kernel to become the parent of all orphans below it, and finds them among its own children.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

from headway.processes import PROC

PR_SET_CHILD_SUBREAPER = 36
# In /proc/PID/stat, after the command's closing bracket: the parent.
PARENT_FIELD = 1
# A process that does not end within this long, in seconds, is logged and left.
ENDING_SECONDS = 3.0
# Seconds between two looks whether they are gone.
LOOK_SECONDS = 0.005
ON_LINUX = sys.platform.startswith("linux")

log = logging.getLogger(__name__)


class Orphans:
    """A worker's children that are no work-horse. Made in the worker's process."""

    def __init__(self) -> None:
        if ON_LINUX:
            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        self._others: frozenset[int] = frozenset()

    def begin(self) -> None:
        """Before a job: the processes that are there now are not the job's."""
        self._others = _children()

    def end(self) -> None:
        """After a job: end all that it started, and all that those started."""
        give_up = time.monotonic() + ENDING_SECONDS
        ended: set[int] = set()
        while left := _children() - self._others:
            if time.monotonic() > give_up:
                log.warning("what the job started cannot be ended: %s", sorted(left))
                return
            for pid in left:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
                _reap(pid)
            ended |= left
            # The children of those that ended become ours only now.
            time.sleep(LOOK_SECONDS)
        if ended:
            log.info("ended with the job, which had started them: %s", sorted(ended))

    def reap(self, *but: int) -> None:
        """Reap children that ended, `but` those that others wait for."""
        while pid := _ended_child():
            if pid in but or not _reap(pid):
                return


def end_orphans_of(worker: str, job_id: str) -> None:
    """End the programs that a job of a lost worker started.

    RQ put the names of worker and job into their environment.
    """
    marks = {f"RQ_WORKER_ID={worker}".encode(), f"RQ_JOB_ID={job_id}".encode()}
    for pid in _pids() if ON_LINUX else ():
        with suppress(OSError):
            if marks <= set((PROC / str(pid) / "environ").read_bytes().split(b"\0")):
                os.kill(pid, signal.SIGKILL)


def _ended_child() -> int | None:
    """A child that ended and was not reaped yet; 0 if none did, None if there are no children."""
    if ON_LINUX:
        with suppress(ChildProcessError):
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            return ended.si_pid if ended is not None else 0
    return None


def _reap(pid: int) -> bool:
    with suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    return False


def _children() -> frozenset[int]:
    if _ended_child() is None:
        return frozenset()
    me = os.getpid()
    try:  # far cheaper than a look at all processes
        lists = [(task / "children").read_text() for task in (PROC / "self/task").iterdir()]
    except OSError:  # a kernel without these lists
        return frozenset(pid for pid in _pids() if _parent_of(pid) == me)
    return frozenset(int(pid) for listed in lists for pid in listed.split())


def _parent_of(pid: int) -> int | None:
    with suppress(OSError):
        stat = (PROC / str(pid) / "stat").read_text()
        return int(stat.rpartition(")")[2].split()[PARENT_FIELD])
    return None


def _pids() -> Iterator[int]:
    with suppress(OSError):
        yield from (int(each.name) for each in PROC.iterdir() if each.name.isdigit())
