"""The gap tracker: which changes this process knows, by their numbers, and which are missing.

Changes may be heard twice, late, or before earlier ones.
"""

from __future__ import annotations

from quart_app.live.event import Event

# Most changes that may wait for an earlier one before the store is asked instead.
MOST_AHEAD = 10_000


class GapTracker:
    """Every change up to the cursor is known; beyond it, those that came early."""

    def __init__(self, most_ahead: int = MOST_AHEAD) -> None:
        self._most_ahead = most_ahead
        self.cursor = 0
        self._ahead: set[int] = set()
        # The newest change of each job that is beyond the cursor.
        self._newest: dict[str, int] = {}

    def begin(self, seq: int) -> None:
        """Count from `seq`; what was known before belongs to another store."""
        self.cursor = seq
        self._ahead.clear()
        self._newest.clear()

    @property
    def gap(self) -> bool:
        """True while a change is known and an earlier one is not."""
        return bool(self._ahead)

    def ahead(self) -> frozenset[int]:
        """The changes that wait for an earlier one."""
        return frozenset(self._ahead)

    def is_news(self, event: Event) -> bool:
        """False when this change, or a newer one of its job, is known."""
        return event.seq > self.cursor and event.seq > self._newest.get(event.id, 0)

    def note(self, event: Event) -> None:
        """This change is known from now on."""
        if event.seq <= self.cursor:
            return
        self._newest[event.id] = max(self._newest.get(event.id, 0), event.seq)
        self._ahead.add(event.seq)
        self.advance_to(self.cursor)

    def advance_to(self, seq: int) -> None:
        """Every change up to `seq` is known, and whatever follows on it without a gap."""
        self.cursor = max(self.cursor, seq)
        while self.cursor + 1 in self._ahead:
            self.cursor += 1
            self._ahead.remove(self.cursor)
        self._keep({ahead for ahead in self._ahead if ahead > self.cursor})
        if len(self._ahead) > self._most_ahead:
            self._keep(set())

    def forget(self, seqs: frozenset[int]) -> None:
        """These changes are not waited for: no store knows them."""
        self._keep(self._ahead - seqs)

    def _keep(self, ahead: set[int]) -> None:
        self._ahead = ahead
        self._newest = {job: seq for job, seq in self._newest.items() if seq in ahead}
