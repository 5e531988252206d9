"""How a work-horse ended, in plain words, and whether the kernel ended it for memory."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from headway.model.record import Failure

CONTROL_GROUPS = Path("/proc/self/cgroup")
CONTROL_GROUP_ROOT = Path("/sys/fs/cgroup")
# The files that count the kills: of cgroup v2, and of v1, which has a tree for memory.
EVENTS = "memory.events"
OLD_EVENTS = "memory.oom_control"
# They are shorter.
READ_BYTES = 64 * 1024
# The one that was found, by our groups and the folder of all groups.
_counters: dict[tuple[bytes, Path], str] = {}
MEBIBYTE = 2**20
LEFT = "(as by os._exit(0)) before the job did; a job has to return."
SPEECHLESS = (
    "The job ran, but its process could not write how it ended, and was ended: it may have closed"
    " files that are not its own, or reached a limit of its process."
)


@dataclass(frozen=True, slots=True)
class WorkHorseExit:
    """What is known of a work-horse's end; memory in bytes."""

    status: int
    peak_memory_bytes: int | None
    out_of_memory: bool = False
    overtime_seconds: int | None = None
    # True when it could not record its end for as long as others could use the store.
    speechless: bool = False
    # Which of RQ's commands killed or stopped it.
    killed_by: str | None = None
    stopped_by: str | None = None

    def failure(self) -> Failure:
        """Why it ended without recording that itself."""
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


def out_of_memory_kills(groups: Path = CONTROL_GROUPS, root: Path = CONTROL_GROUP_ROOT) -> int:
    """How many processes of our control group the kernel has ended for memory; 0 if unknown."""
    ours = _read(str(groups)) or b""  # a process may be moved to another group
    known = _counters.get((ours, root))
    if known is None or (said := _read(known)) is None:
        found = ((path, _read(path)) for path in map(str, _events(ours.decode(), root)))
        known, said = next(((path, text) for path, text in found if text is not None), ("", b""))
        _counters.clear()
        _counters[ours, root] = known
    lines = said.splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(b"oom_kill "))


def _read(path: str) -> bytes | None:
    # Not by Path, which costs ten times as much: a worker looks before each job.
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return os.read(file, READ_BYTES)
    except OSError:
        return None
    finally:
        os.close(file)


def _events(groups: str, root: Path) -> Iterator[Path]:
    """The files that may have the number, the likeliest first; none where this is no Linux."""
    lines = groups.splitlines()
    # Each line is "number:controllers:path"; no controllers means the one tree for all.
    for _, controllers, path in (line.split(":", 2) for line in lines):
        if "memory" in controllers.split(","):
            yield root / "memory" / path.lstrip("/") / OLD_EVENTS
            yield root / "memory" / OLD_EVENTS  # a container sees its own group as the root
        elif not controllers:
            yield root / path.lstrip("/") / EVENTS
            yield root / EVENTS
