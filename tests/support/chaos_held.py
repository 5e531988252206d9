"""What the web process holds: descriptors, tasks and streams; and whether it let go of them."""

from __future__ import annotations

import json
import signal

import psutil

from tests.support.chaos_inside import FILE
from tests.support.system import System
from tests.support.waiting import eventually

Held = dict[str, int]

# Enough to see the asker's own connection in each of its states.
LOOKS = 10


def held(system: System) -> Held:
    """What the web process holds now: descriptors, streams, and its tasks by their names."""
    report = system.folder / "data" / FILE
    report.unlink(missing_ok=True)
    system.web.signal(signal.SIGUSR1)
    eventually(report.exists)
    tasks: Held = json.loads(report.read_text())
    return tasks | {
        "descriptors": psutil.Process(system.web.pid).num_fds(),
        "streams": open_streams(system),
    }


def most_held(system: System) -> Held:
    """The most of each over a few looks: who asks has a connection too, now idle and now not."""
    most: Held = {}
    for _ in range(LOOKS):
        now = held(system)
        most = {name: max(most.get(name, 0), now.get(name, 0)) for name in most | now}
    return most


def open_streams(system: System) -> int:
    """How many streams the web serves now."""
    metrics = system.http.get("/metrics").text.splitlines()
    line = next(line for line in metrics if line.startswith("headway_streams"))
    return int(float(line.split()[1]))


def more_than(before: Held, now: Held) -> Held:
    """What is held now and was not before, by how much."""
    grown = {name: count - before.get(name, 0) for name, count in now.items()}
    return {name: count for name, count in grown.items() if count > 0}
