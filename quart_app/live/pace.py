"""The pace of frames: how long a watcher gathers changes before the next write to it.

Sending costs about 60 us a write and stream; with many of both a fixed frame would eat the
process, so the frame stretches with the measured load.
"""

from __future__ import annotations

import time

# A page that changes ten times a second looks continuous; more often costs and shows nothing.
SHORTEST_SECONDS = 0.1
LONGEST_SECONDS = 2.0
# Share of one core that the process may use before frames stretch, and below which they shrink.
BUSY = 0.6
CALM = 0.35
STRETCH = 1.5
SHRINK = 0.8
# Seconds over which the load is measured.
MEASURED_SECONDS = 0.25


class Pace:
    """The frame's length in seconds, adapted to what this process costs."""

    def __init__(self) -> None:
        self.seconds = SHORTEST_SECONDS
        self._wall = time.monotonic()
        self._cpu = time.process_time()

    def measure(self) -> None:
        """Look at the clocks; cheap, called for every frame."""
        wall = time.monotonic()
        if wall - self._wall < MEASURED_SECONDS:
            return
        cpu = time.process_time()
        self.adapt((cpu - self._cpu) / (wall - self._wall))
        self._wall, self._cpu = wall, cpu

    def adapt(self, load: float) -> None:
        """Take in a load: the share of one core that was used."""
        if load > BUSY:
            self.seconds = min(self.seconds * STRETCH, LONGEST_SECONDS)
        elif load < CALM:
            self.seconds = max(self.seconds * SHRINK, SHORTEST_SECONDS)
