"""The throttle of progress reports: how often a running job writes to the store."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Throttle:
    """Times in seconds."""

    # Reports are written at most this often.
    window_seconds: float = 0.1
    # A write is followed by a rest of so many times its length: 2 % of a job's time is for reports.
    rest: int = 50
    # After a failed write, the time until the next try; no rest is longer.
    pause_seconds: float = 1.0

    def after_write(self, begun: float, ended: float) -> float:
        """When the next write is due."""
        rest = self.rest * (ended - begun)
        return begun + min(max(rest, self.window_seconds), self.pause_seconds)

    def after_failure(self, ended: float) -> float:
        """When the next try is due."""
        return ended + self.pause_seconds
