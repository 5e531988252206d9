"""rich's bars, which report: `from headway.rich import Progress, track` in place of rich's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

import rich.progress
from rich.errors import MarkupError
from rich.progress import Task, TaskID
from rich.text import Text

from headway.progress import COMPLETE, report

__all__ = ["Progress", "track"]

Item = TypeVar("Item")


class Progress(rich.progress.Progress):
    """rich's bars as they are; each change is reported too. Outside a job that does nothing.

    The job's progress is the mean of the tasks' whose total is known. A task that was added with
    `report=True`, such as an overall one, is reported alone.
    """

    def add_task(self, *args: Any, **options: Any) -> TaskID:
        """As rich's, and reported; `report=True` reports this task alone."""
        added = super().add_task(*args, **options)
        self._report()
        return added

    def update(self, *args: Any, **options: Any) -> None:
        """As rich's, and reported."""
        super().update(*args, **options)
        self._report()

    def advance(self, *args: Any, **options: Any) -> None:
        """As rich's, and reported."""
        super().advance(*args, **options)
        self._report()

    def reset(self, *args: Any, **options: Any) -> None:
        """As rich's, and reported."""
        super().reset(*args, **options)
        self._report()

    def _report(self) -> None:
        shown = self.tasks
        tasks = [task for task in shown if task.fields.get("report")] or shown
        if not tasks:  # another thread has removed it
            return
        counted = [task for task in tasks if task.total is not None]
        doing = next((task for task in tasks if not task.finished), tasks[-1])
        if counted:
            done = sum(task.percentage for task in counted) / len(counted)
            report.done(done, of=COMPLETE, message=_said_of(doing))
        else:
            report.done(doing.completed, message=f"{_said_of(doing)} {doing.completed:,.0f}")


def track(
    sequence: Iterable[Item],
    description: str = "Working...",
    total: float | None = None,
    **options: Any,
) -> Iterator[Item]:
    """rich's `track`, which reports; the options are those of Progress."""
    with Progress(**options) as progress:
        yield from progress.track(sequence, total=total, description=description)


def _said_of(task: Task) -> str:
    with suppress(MarkupError):
        return Text.from_markup(task.description).plain
    return task.description
