"""The time left, estimated from a smoothed rate of progress; the caller brings the clock."""

from __future__ import annotations

from math import exp

# Over about this many seconds the rate forgets what it was; shorter jobs forget faster.
MEMORY_SECONDS = 10.0
# Share of the time since the first report over which the rate is smoothed at most.
MEMORY_SHARE = 0.3
# No estimate before so many seconds and percent: there is too little to estimate from.
SETTLING_SECONDS = 0.5
SETTLING_PERCENT = 1.0
# A longer one, in seconds, says only that nothing moves.
LONGEST_SECONDS = 30 * 24 * 3600.0


class Eta:
    """Seconds left until 100 percent, at the rate so far."""

    def __init__(self) -> None:
        self._first: tuple[float, float] | None = None
        self._last: tuple[float, float] = (0.0, 0.0)
        self._rate = 0.0

    def update(self, progress: float | None, at: float) -> float | None:
        """The seconds left, after a progress (percent) at `at` (seconds); None if unknown."""
        if progress is None:
            self._first = None
            return None
        if self._first is None or progress < self._last[1]:
            self._first = self._last = (at, progress)
            self._rate = 0.0
            return None
        self._smooth(progress, at)
        elapsed, gained = at - self._first[0], progress - self._first[1]
        if elapsed < SETTLING_SECONDS or gained < SETTLING_PERCENT or self._rate <= 0:
            return None
        left = (100.0 - progress) / self._rate
        return round(left, 1) if left <= LONGEST_SECONDS else None

    def _smooth(self, progress: float, at: float) -> None:
        assert self._first is not None
        seconds, gained = at - self._last[0], progress - self._last[1]
        if seconds <= 0:
            return
        elapsed = at - self._first[0]
        memory = min(MEMORY_SECONDS, max(MEMORY_SHARE * elapsed, seconds))
        keep = exp(-seconds / memory) if self._rate > 0 else 0.0
        self._rate = keep * self._rate + (1 - keep) * gained / seconds
        self._last = (at, progress)
