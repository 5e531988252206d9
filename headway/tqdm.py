"""tqdm's bar, which reports: `from headway.tqdm import tqdm` in place of tqdm's own."""

from __future__ import annotations

from typing import Any

from tqdm.asyncio import tqdm_asyncio

from headway.progress import report

__all__ = ["tqdm", "trange"]


class tqdm(tqdm_asyncio):  # noqa: N801  # tqdm's own name
    """tqdm's bar as it is; where it is drawn, it reports too. Of bars in bars the outer one does.

    It moves over the whole of the job's bar, or within the step that was begun. Outside a job it
    is tqdm's bar alone; one that is disabled is not drawn.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        """As tqdm's."""
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]  # untyped in tqdm

    def display(self, msg: str | None = None, pos: int | None = None) -> Any:
        """Draw the bar, as tqdm does at most ten times a second, and report."""
        drawn = super().display(msg, pos)  # type: ignore[no-untyped-call]  # untyped in tqdm
        if not self.pos:
            report.done(self.n, of=self.total, message=self._message())
        return drawn

    def _message(self) -> str | None:
        said = (self.desc or "").removesuffix(": ")
        if self.total is None:
            said += f"{': ' * bool(said)}{self.n} {self.unit}"
        return said or None


def trange(*args: Any, **options: Any) -> tqdm:
    """`tqdm(range(*args), **options)`."""
    return tqdm(range(*args), **options)
