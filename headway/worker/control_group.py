"""Our control group: how often the kernel has ended one of its processes for memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

GROUPS = Path("/proc/self/cgroup")
ROOT = Path("/sys/fs/cgroup")
# What counts the kills: with one tree for all controllers, and with a tree for memory (cgroup v1).
EVENTS = "memory.events"
OLD_EVENTS = "memory.oom_control"


def out_of_memory_kills() -> int:
    """How many processes of our control group the kernel has ended for memory; 0 if unknown."""
    for path in _events():
        try:
            lines = path.read_text().splitlines()
        except OSError:
            continue
        return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return 0


def _events() -> Iterator[Path]:
    """Where the number may stand, the likeliest place first."""
    try:
        lines = GROUPS.read_text().splitlines()
    except OSError:  # no Linux
        return
    # Each line is "number:controllers:path"; no controllers means the one tree for all.
    for _, controllers, path in (line.split(":", 2) for line in lines):
        if "memory" in controllers.split(","):
            yield ROOT / "memory" / path.lstrip("/") / OLD_EVENTS
            yield ROOT / "memory" / OLD_EVENTS  # a container sees its own group as the root
        elif not controllers:
            yield ROOT / path.lstrip("/") / EVENTS
            yield ROOT / EVENTS
