"""`python -m tests.bench [--runs N] [--write] [NAME…]`: measure, and say how far from the target.

Let the machine rest meanwhile: the best of the runs counts, but of a busy machine even that lies.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import ending, fan_out, latency, page, reports
from tests.bench.figures import RESULTS, Figure, best, keep, table
from tests.support.system import System

SECTION = "Latency, cost, ending"
BENCHES: dict[str, Callable[[System], list[Figure]]] = {
    "latency": latency.measure,
    "reports": reports.measure,
    "fan_out": fan_out.measure,
    "ending": ending.measure,
    "page": page.measure,
}


def main() -> None:
    """Run the benches named, or all, and print or write their table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}")
    parser.add_argument("--runs", type=int, default=3, help="runs, of which the best counts")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument("--seconds", type=float, default=page.SECONDS, help="of the live page")
    options = parser.parse_args()
    BENCHES["page"] = partial(page.measure, seconds=options.seconds)
    names = options.names or list(BENCHES)
    load = os.getloadavg()[0]
    runs = [_run(names) for _ in range(options.runs)]
    text = table(best(runs), options.runs, load)
    print(text)
    if options.write:
        keep(SECTION, text)


def _run(names: Sequence[str]) -> list[Figure]:
    with TemporaryDirectory(prefix="headway-bench-") as folder:
        system = System(Path(folder), kinds="tests.bench.kinds")
        try:
            system.start()
            return [figure for name in names for figure in BENCHES[name](system)]
        finally:
            system.http.close()
            system.kill_everything()


if __name__ == "__main__":
    main()
