"""How a work-horse ended, in plain words. It writes nothing."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from dataclasses import dataclass

from headway.model.record import Failure

PR_SET_PDEATHSIG = 1
MEBIBYTE = 2**20
LEFT = "(as by os._exit(0)) before the job did; a job has to return."
SPEECHLESS = (
    "The job ran, but its process could not write how it ended, and was ended: it may have closed"
    " files that are not its own, or reached a limit of its process."
)


@dataclass(frozen=True, slots=True)
class HorseExit:
    """What the kernel said when a work-horse ended; memory in bytes."""

    status: int
    peak_memory_bytes: int | None
    out_of_memory: bool = False
    overtime_seconds: int | None = None
    # True when it could not tell its end for as long as others could use the store.
    speechless: bool = False
    # Who had it killed, or stopped, if it was neither the kernel nor the job itself.
    killed_by: str | None = None
    stopped_by: str | None = None

    def failure(self) -> Failure:
        """The cause of death of a horse that did not end by itself."""
        memory = _mebibytes(self.peak_memory_bytes)
        if self.overtime_seconds is not None:
            return Failure(
                "TimedOut",
                f"Timed out after {self.overtime_seconds} s: it ignored the time limit"
                " and was ended.",
            )
        if self.speechless:
            return Failure("EndUntold", SPEECHLESS)
        if self.killed_by is not None:
            return Failure("Killed", f"Killed by {self.killed_by}{memory}.")
        if self.out_of_memory:
            return Failure("OutOfMemory", f"Out of memory: the kernel ended the job{memory}.")
        if os.WIFSIGNALED(self.status):
            number = os.WTERMSIG(self.status)
            name = signal.Signals(number).name if number in set(signal.Signals) else "unknown"
            return Failure("Killed", f"Killed by signal {number} ({name}){memory}.")
        code = os.waitstatus_to_exitcode(self.status)
        said = f"with exit code {code} before the job did." if code else LEFT
        return Failure("Exited", f"The process ended {said}")


def _mebibytes(peak: int | None) -> str:
    return f", peak memory {peak / MEBIBYTE:.0f} MiB" if peak else ""


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when `parent` dies (Linux; elsewhere nothing).

    A work-horse that outlived its worker could finish a job that is already running again.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), signal.SIGKILL)
