"""A bench's figures: what was measured, against what was hoped for, as a table."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
TITLE = "# Bench results\n"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; smaller is better, `target` is in the same unit."""

    name: str
    value: float
    unit: str
    target: float

    @property
    def ratio(self) -> float:
        """The value as a share of its target; up to 1 the target is met."""
        return self.value / self.target

    def row(self) -> str:
        """The figure as a line of a table."""
        shown = f"{self.value:.3g} {self.unit}"
        return f"| {self.name} | {shown} | {self.target:g} {self.unit} | {self.ratio:.2f} |"


def spread(
    name: str, seconds: Sequence[float], *, middle_ms: float, high_ms: float
) -> list[Figure]:
    """The 50th and 99th percentile of some times in seconds, as milliseconds."""
    return [
        Figure(f"{name}, p50", 1000 * percentile(seconds, 0.50), "ms", middle_ms),
        Figure(f"{name}, p99", 1000 * percentile(seconds, 0.99), "ms", high_ms),
    ]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not below `share` of all."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def best(runs: Iterable[Sequence[Figure]]) -> list[Figure]:
    """Of each figure the smallest: what else a machine does only ever adds."""
    return [
        replace(figures[0], value=min(figure.value for figure in figures))
        for figures in zip(*runs, strict=True)
    ]


def machine() -> str:
    """What the figures are measured on."""
    return f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"


def table(figures: Sequence[Figure], runs: int, load: float) -> str:
    """All figures as Markdown, with the machine and its load before they were measured."""
    return "\n".join(
        [
            f"`python -m tests.bench --write`: best of {runs} runs on {machine()};",
            f"load average {load:.1f} before. Above 0.5 somebody else was at work, and it shows.",
            "",
            "| figure | measured | target | ratio |",
            "|---|---|---|---|",
            *(figure.row() for figure in figures),
        ]
    )


def keep(title: str, text: str) -> None:
    """Write `text` as a section of the results, in place of what stood there before."""
    known = RESULTS.read_text() if RESULTS.exists() else TITLE
    head, *sections = known.split("\n## ")
    kept = {section.partition("\n")[0]: section for section in sections}
    kept[title] = f"{title}\n\n{text.strip()}\n"
    RESULTS.write_text("\n## ".join([head, *kept.values()]))
