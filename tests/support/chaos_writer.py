"""`python -m tests.support.chaos_writer SEED SECONDS`: a worker gone wild.

It makes jobs of its own and does to them, at random, all that may be done to a job; before it
ends it brings each of them to an end.
"""

from __future__ import annotations

import random
import sys
import time

from headway.model.record import FINAL, Record, Status
from headway.progress import report
from headway.settings import load_settings
from tests.support.attempts import claimed
from tests.support.by_hand import Hand

# So few that four writers' jobs all fit on the list's first page.
MOST_JOBS = 20
# Queues and kinds that no worker serves.
KINDS = ("wild.oats", "wild.boar")
QUEUES = ("meadow", "wood")
# Seconds between two deeds, at most.
PAUSE_SECONDS = 0.03
# Most reports of one attempt that is run whole.
REPORTS = 20


class Wild:
    """Does something to one of its jobs, again and again."""

    def __init__(self, hand: Hand, dice: random.Random) -> None:
        self._hand = hand
        self._dice = dice
        self._jobs: dict[str, Record] = {}

    def deed(self) -> None:
        """One deed."""
        if not self._jobs or (len(self._jobs) < MOST_JOBS and self._dice.random() < 1 / 4):
            self._create()
            return
        record = self._dice.choice(list(self._jobs.values()))
        if record.status in FINAL:
            self._after_the_end(record)
        elif record.status == Status.STARTED:
            self._go_on(record)
        else:
            self._begin(record)

    def end_all(self) -> None:
        """Bring every job to an end."""
        for record in list(self._jobs.values()):
            if record.status not in FINAL:
                self._keep(self._hand.finish(record, "at last"))

    def _create(self) -> None:
        kind, queue = self._dice.choice(KINDS), self._dice.choice(QUEUES)
        self._keep(self._hand.create(kind=kind, queue=queue, max_attempts=3))

    def _begin(self, record: Record) -> None:
        if self._dice.random() < 1 / 3:
            self._run_whole(record)
        else:
            self._keep(self._hand.start(record))

    def _go_on(self, record: Record) -> None:
        deed = self._dice.random()
        if deed < 1 / 2:
            self._keep(self._hand.change(record, progress=self._dice.uniform(0, 100)))
        elif deed < 2 / 3:
            self._keep(self._hand.say(record, "a line", "and one more"))
        elif deed < 5 / 6:
            self._keep(self._hand.finish(record, {"luck": deed}))
        else:
            self._keep(self._hand.fail(record))

    def _after_the_end(self, record: Record) -> None:
        if self._dice.random() < 1 / 3:
            self._hand.delete(record)
            del self._jobs[record.id]
        else:
            following = self._hand.store.next_attempt(record, FINAL)
            assert following is not None
            self._hand.publisher.publish(self._hand.store.epoch, following)
            self._keep(following)

    def _run_whole(self, record: Record) -> None:
        with claimed(load_settings(), record, "a-wild-worker") as attempt:
            attempt.run(self._work)
        self._keep(self._hand.store.job(record.id))

    def _work(self) -> str:
        for number in range(self._dice.randrange(REPORTS)):
            report(number, f"{number} done")
            time.sleep(self._dice.uniform(0, PAUSE_SECONDS))
        return "worked"

    def _keep(self, record: Record) -> None:
        self._jobs[record.id] = record


def main() -> None:
    """Do deeds until the time is up."""
    seed, seconds = int(sys.argv[1]), float(sys.argv[2])
    dice = random.Random(seed)
    until = time.monotonic() + seconds
    with Hand(load_settings()) as hand:
        wild = Wild(hand, dice)
        while time.monotonic() < until:
            wild.deed()
            time.sleep(dice.uniform(0, PAUSE_SECONDS))
        wild.end_all()


if __name__ == "__main__":
    main()
