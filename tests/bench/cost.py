"""`python -m tests.bench.cost [--rounds N] [--write]`: what it costs to have a plain job recorded.

An application's empty jobs run in RQ's own worker, then in one that records, and so on in turn, so
that what else the machine does meets all of them. The times are told as a multiple of RQ's own in
the same round. What is counted per job (processor time, page faults, commands to Redis) depends
less on the neighbours than the time does.
"""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.cost_run import JOBS, Cost, cost_of
from tests.bench.figures import RESULTS, keep, machine
from tests.support.valkey import Valkey

SECTION = "The cost of being recorded"
TARGET = 1.15
# What each way is named, RQ's options for it, and RQ's own that it is compared with.
RQ, SIMPLE = "rq.Worker", "rq.SimpleWorker"
WAYS = {
    RQ: ("-w", "rq.Worker"),
    "rq.Worker, headway.record()": ("-w", "rq.Worker", "-c", "headway.rq"),
    "headway.Worker": ("-w", "headway.Worker"),
    SIMPLE: ("-w", "rq.SimpleWorker"),
    "rq.SimpleWorker, headway.record()": ("-w", "rq.SimpleWorker", "-c", "headway.rq"),
    "headway.SimpleWorker": ("-w", "headway.SimpleWorker"),
}

Costs = dict[str, list[Cost]]


def main() -> None:
    """Run all ways in turn, some rounds long, and print or write their table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cost", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="of which the median counts")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument("--only", default="", help="ways whose names have this in them")
    options = parser.parse_args()
    ways = [way for way in WAYS if way in (RQ, SIMPLE) or options.only in way]
    load = os.getloadavg()[0]
    text = table(measure(ways, options.rounds), options.rounds, load)
    print(text)
    if options.write:
        keep(SECTION, text)


def measure(ways: Sequence[str], rounds: int) -> Costs:
    """What the jobs cost, each way, in each round."""
    costs: Costs = defaultdict(list)
    with TemporaryDirectory(prefix="headway-bench-") as folder:
        for number in range(rounds):
            for way in _with_own_beside_each(ways):
                place = Path(folder, f"{number}-{len(costs[way])}-{ways.index(way)}")
                place.mkdir()
                valkey = Valkey(place)
                valkey.start()
                try:
                    costs[way].append(cost_of(WAYS[way], place, valkey.url))
                finally:
                    valkey.stop()
    return costs


def _with_own_beside_each(ways: Sequence[str]) -> list[str]:
    recorded = [way for way in ways if way not in (RQ, SIMPLE)]
    return [each for way in recorded for each in (own_of(way), way)]


def own_of(way: str) -> str:
    """RQ's own worker of the same sort."""
    return SIMPLE if "Simple" in way else RQ


def table(costs: Costs, rounds: int, load: float) -> str:
    """All figures as Markdown."""
    return "\n".join(
        [
            f"`python -m tests.bench.cost --write`: {JOBS} empty jobs, median of {rounds} rounds,"
            f" on {machine()};",
            f"load average {load:.1f} before. The target is {TARGET} times RQ's own time.",
            "",
            "| worker | time | of RQ's | processor time | of RQ's | recording it | page faults "
            "| commands | round trips |",
            "|---|---|---|---|---|---|---|---|---|",
            *(_row(costs, way) for way in WAYS if way in costs),
        ]
    )


def _row(costs: Costs, way: str) -> str:
    def middle(name: str, of: str = way) -> float:
        return float(median(getattr(cost, name) for cost in costs[of]))

    own = own_of(way)
    milliseconds, processor = middle("milliseconds"), middle("processor_milliseconds")
    cells = (
        way,
        f"{milliseconds:.2f} ms",
        f"{milliseconds / middle('milliseconds', own):.2f}",
        f"{processor:.2f} ms",
        f"{processor / middle('processor_milliseconds', own):.2f}",
        f"{middle('recording_milliseconds'):.2f} ms",
        f"{middle('page_faults'):.0f}",
        f"{middle('commands'):.1f}",
        f"{middle('round_trips'):.1f}",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
