"""`python -m tests.bench.soak --minutes 30`: jobs at a steady rate while something dies every 5 s.

Prints how many jobs were accepted and how many ended, and everything that does not hold: every
record that contradicts what its job really did, every watcher that was told something else,
every gap in the seqs. Not a test: it takes as long as it is told to.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.chaos_audience import ONGOING
from tests.support.chaos_invariants import all_records, breaches
from tests.support.chaos_load import Load
from tests.support.chaos_network import Network
from tests.support.chaos_outages import let_it_last
from tests.support.chaos_scene import Scene, staged
from tests.support.chaos_storm import Storm
from tests.support.system import System

JOBS_A_SECOND = 20.0
SECONDS_BETWEEN_DEATHS = 5.0
# Breaches that are shown one by one.
SHOWN = 20


class Soak:
    """One run: a scene, the load, and what was done to it."""

    def __init__(self, scene: Scene, network: Network, seed: int) -> None:
        dice = random.Random(seed)
        self._scene = scene
        self._storm = Storm(scene, network, dice)
        self._load = Load(scene.system.port, str(scene.trail), dice, JOBS_A_SECOND)
        self._breaches: list[str] = []
        self._ended: Counter[str] = Counter()

    def run(self, minutes: float) -> None:
        """Submit and kill for so many minutes, then let everything end."""
        self._scene.audience.at_the_dashboard()
        self._scene.audience.at_the_dashboard(ONGOING)
        over = time.monotonic() + 60 * minutes
        with self._load:
            while time.monotonic() < over:
                self._storm.kill()
                let_it_last(SECONDS_BETWEEN_DEATHS)
        self._storm.calm()
        self._scene.restart()
        self._scene.accepted += self._load.accepted
        self._breaches = breaches(self._scene)
        records = all_records(self._scene.system)
        self._ended = Counter(record["status"] for record in records.values())
        self._scene.audience.leave()

    def report(self) -> list[str]:
        """The figures as lines of Markdown."""
        deeds = ", ".join(f"{count} x {name}" for name, count in sorted(self._storm.deeds.items()))
        ends = ", ".join(f"{count} {status}" for status, count in self._ended.items())
        return [
            f"- what was done: {deeds}",
            f"- jobs accepted: {len(self._load.accepted)}, {self._load.rate:.1f} a second",
            f"- jobs in the store: {self._ended.total()}: {ends}",
            f"- breaches: {len(self._breaches)}",
            *(f"  - {breach}" for breach in self._breaches[:SHOWN]),
        ]


def main() -> None:
    """Soak, and print the figures as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="headway-soak-") as folder:
        system = System(Path(folder))
        # What the programs said last is not among the figures.
        with (
            redirect_stdout(sys.stderr),
            Network(system) as network,
            staged(system, network) as scene,
        ):
            soak = Soak(scene, network, options.seed)
            soak.run(options.minutes)
    print(f"- {options.minutes:g} minutes, seed {options.seed}")
    print("\n".join(soak.report()))


if __name__ == "__main__":
    main()
