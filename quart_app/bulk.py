"""One action on many jobs: in slices, for a limited time, and with a tally of what happened."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from headway.errors import BadParameters, Conflict, StoreUnavailable, UnknownJob
from headway.model.record import ACTIONS, Action, JsonDict
from headway.store import JobFilter, Reader
from quart_app.access import Gate
from quart_app.live.event import DIGITS

# Most jobs that one request names.
BULK_JOBS = 1_000
# An answer takes at most so long, in seconds: less than clients and proxies wait.
BULK_SECONDS = 25.0
# Matching jobs that are read at a time.
SLICE_JOBS = 500
# Refusals that an answer lists; all of them are counted.
LISTED_REFUSALS = 100
# Why it stopped.
STORE_AWAY = "The store could not be used."
TIME_UP = "This request ran out of time."


@dataclass(frozen=True, slots=True)
class Stretch:
    """The changes in which a bulk action finds its jobs: those that match and lie in it.

    A job that changes leaves it, for its newest change lies behind the end. So each job is reached
    once, whatever happens to it meanwhile.
    """

    epoch: str
    after: int
    upto: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.after}:{self.upto}"


def stretch_of(text: str) -> Stretch:
    """The stretch that an answer named. Raises BadParameters for any other text."""
    epoch, *bounds = text.split(":")
    numbers = all(each.isascii() and each.isdigit() and len(each) <= DIGITS for each in bounds)
    if len(bounds) != len(("after", "upto")) or not numbers:
        raise BadParameters({"from": "Must be what an answer's `next` says."})
    return Stretch(epoch, *(int(each) for each in bounds))


async def all_changes(reader: Reader) -> Stretch:
    """The stretch of all changes so far. Raises StoreUnavailable."""
    seq, epoch = await reader.counter()
    return Stretch(epoch, 0, seq)


def action_of(text: str) -> Action:
    """The action of this name. Raises BadParameters for no action."""
    if text not in set(Action):
        raise BadParameters({"action": f"Must be one of {', '.join(sorted(Action))}."})
    return Action(text)


@dataclass(slots=True)
class Tally:
    """What was done so far, how much is left, and why it stopped, if it did."""

    action: Action
    matched: int
    done: int = 0
    refused: list[JsonDict] = field(default_factory=list)
    refused_count: int = 0
    left: int = 0
    stopped: str | None = None

    @property
    def reached(self) -> int:
        """To how many jobs it was done or tried."""
        return self.done + self.refused_count

    @property
    def goes_on(self) -> bool:
        """True when going on at once makes sense."""
        return self.stopped == TIME_UP

    def refuse(self, reason: str, *job_ids: str) -> None:
        """Note that it was not done to these, and why."""
        self.refused_count += len(job_ids)
        room = LISTED_REFUSALS - len(self.refused)
        self.refused += [{"id": job_id, "reason": reason} for job_id in job_ids[:room]]

    def to_json(self, following: JsonDict | None) -> JsonDict:
        """As the API shows it; `following` is the request that goes on."""
        names = ("action", "matched", "done", "refused", "refused_count", "left", "stopped")
        return {name: getattr(self, name) for name in names} | {"next": following}


class Bulk:
    """One action on many jobs, for a limited time: to those named, or to all that match."""

    def __init__(
        self,
        gate: Gate,
        action: str,
        *,
        seconds: float = BULK_SECONDS,
        slice_jobs: int = SLICE_JOBS,
    ) -> None:
        """Raises BadParameters for no action."""
        self._gate = gate
        self._reader = gate.parts.reader
        self._action = action_of(action)
        self._seconds = seconds
        self._slice_jobs = slice_jobs

    async def to_named(self, job_ids: Sequence[str]) -> tuple[Tally, Sequence[str]]:
        """Act on these jobs; returns also which are left when the time is up.

        Raises StoreUnavailable when nothing was done to any of them.
        """
        tally, give_up = Tally(self._action, len(job_ids)), time.monotonic() + self._seconds
        for place, job_id in enumerate(job_ids):
            if tally.reached and time.monotonic() > give_up:
                tally.stopped, tally.left = TIME_UP, len(job_ids) - place
                return tally, job_ids[place:]
            try:
                await self._do(tally, job_id)
            except StoreUnavailable:
                if not tally.done:
                    raise
                # What was done to those before is done, and the answer has to say so.
                tally.refuse(STORE_AWAY, *job_ids[place:])
                break
        return tally, ()

    async def count(self, wanted: JobFilter, stretch: Stretch) -> int:
        """How many jobs match and can have this done to them. Raises StoreUnavailable."""
        fitting = self._fitting(wanted)
        return await self._count(fitting, stretch) if fitting else 0

    async def to_matching(self, wanted: JobFilter, stretch: Stretch) -> tuple[Tally, Stretch]:
        """Act on all jobs of a stretch that match and to which it can be done.

        Returns also the stretch that is left, if any is. Raises Conflict for a stretch of another
        store, and StoreUnavailable when nothing was done to any of them.
        """
        if stretch.epoch != (await all_changes(self._reader)).epoch:
            raise Conflict("The store is another one now; start again.")
        tally = Tally(self._action, await self.count(wanted, stretch))
        if fitting := self._fitting(wanted):
            stretch = await self._through(tally, fitting, stretch)
        # Nor was it done to jobs whose state changed in the meantime.
        tally.refused_count = max(tally.matched - tally.done - tally.left, 0)
        return tally, stretch

    async def _through(self, tally: Tally, fitting: JobFilter, stretch: Stretch) -> Stretch:
        give_up = time.monotonic() + self._seconds
        try:
            while found := await self._reader.between(
                fitting, stretch.after, stretch.upto, most=self._slice_jobs
            ):
                for job_id, seq in found:
                    if tally.reached and time.monotonic() > give_up:
                        tally.stopped = TIME_UP
                        tally.left = await self._count(fitting, stretch)
                        return stretch
                    await self._do(tally, job_id)
                    stretch = replace(stretch, after=seq)
        except StoreUnavailable:
            if not tally.done:
                raise
            tally.stopped, tally.left = STORE_AWAY, max(tally.matched - tally.reached, 0)
        return stretch

    async def _do(self, tally: Tally, job_id: str) -> None:
        try:
            await self._gate.act(self._action, job_id)
            tally.done += 1
        except (UnknownJob, Conflict) as error:
            tally.refuse(str(error), job_id)

    async def _count(self, fitting: JobFilter, stretch: Stretch) -> int:
        return await self._reader.count_between(fitting, stretch.after, stretch.upto)

    def _fitting(self, wanted: JobFilter) -> JobFilter | None:
        """What matches and can have this done to it; None where nothing can."""
        fits = frozenset(status.value for status in ACTIONS[self._action])
        statuses = wanted.status & fits if wanted.status else fits
        return self._gate.narrowed(replace(wanted, status=statuses)) if statuses else None
