"""The lines of a job's log that wait to be written; what is said beyond a limit is not kept."""

from __future__ import annotations

from jobs.records import now, plain

LINE_CHARACTERS = 4000
# Longest text taken at once, in characters; it may have many lines.
TEXT_CHARACTERS = 10 * LINE_CHARACTERS
# Most lines of one attempt, and most that wait for a store that is away.
LOG_LINES = 10_000


class LogLines:
    """What one attempt says. One thread at a time."""

    def __init__(self) -> None:
        # When each line was said, and its text.
        self.waiting: list[tuple[str, str]] = []
        self._taken = 0

    def take(self, text: str) -> None:
        """Add the lines of a text."""
        for line in plain(text, TEXT_CHARACTERS).splitlines() or [""]:
            self.add(line)

    def add(self, line: str) -> None:
        """Add a line; the one after the last says that the log ends."""
        if self._taken > LOG_LINES:
            return
        self._taken += 1
        last = f"The log ends here: more than {LOG_LINES} lines."
        kept = last if self._taken > LOG_LINES else plain(line, LINE_CHARACTERS)
        self.waiting.append((now(), kept))
