"""Many jobs at once: all of them, in slices and for a limited time, and what really happened."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from headway.errors import BadParameters, Conflict, StoreUnavailable, UnknownJob
from headway.model.record import ACTIONS, Action, JsonDict, Record
from headway.store import JobFilter
from quart_app.access import Access
from quart_app.live.backend import Backend
from quart_app.live.event_id import DIGITS

# Most jobs that one request names; the answer says how many it were.
BULK_JOBS = 1_000
# So long, in seconds, an answer may take: less than clients and proxies wait.
BULK_SECONDS = 25.0
# Jobs that match are looked for so many at a time.
SLICE_JOBS = 500
# Refusals that an answer lists; it counts them all.
LISTED_REFUSALS = 100
# Why no more was done.
STORE_AWAY = "The store could not be used then."
TIME_UP = "There was no more time in this request."


@dataclass(frozen=True, slots=True)
class Stretch:
    """The changes in which a bulk action finds its jobs: those that match and lie in it.

    A job that changes leaves it, for its newest change lies behind the end. So whatever is done to
    a job, here or by somebody else, it is reached once.
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
        raise BadParameters({"from": "is what an answer's `next` says"})
    return Stretch(epoch, *(int(each) for each in bounds))


def action_of(text: str) -> Action:
    """The action of this name. Raises BadParameters for no action."""
    if text not in set(Action):
        raise BadParameters({"action": f"is one of {', '.join(sorted(Action))}"})
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
        """To how many it was done or tried."""
        return self.done + self.refused_count

    @property
    def goes_on(self) -> bool:
        """True when going on at once makes sense."""
        return self.stopped == TIME_UP

    def refuse(self, reason: str, *job_ids: str) -> None:
        """To these it was not done."""
        self.refused_count += len(job_ids)
        room = LISTED_REFUSALS - len(self.refused)
        self.refused += [{"id": job_id, "reason": reason} for job_id in job_ids[:room]]

    def to_json(self, following: JsonDict | None) -> JsonDict:
        """As the API shows it; `following` is the request that goes on."""
        names = ("action", "matched", "done", "refused", "refused_count", "left", "stopped")
        return {name: getattr(self, name) for name in names} | {"next": following}


class Many:
    """The part of the desk that does the same to many jobs."""

    _parts: Backend
    access: Access

    async def glance(self, job_id: str) -> Record:
        """See the desk."""
        raise NotImplementedError

    async def bulk(
        self, action: str, job_ids: Sequence[str], *, seconds: float = BULK_SECONDS
    ) -> tuple[Tally, Sequence[str]]:
        """Stop, retry or delete several jobs; returns also which are left when the time is up.

        Raises BadParameters, and StoreUnavailable when nothing was done to any of them.
        """
        tally, give_up = Tally(action_of(action), len(job_ids)), time.monotonic() + seconds
        for place, job_id in enumerate(job_ids):
            if tally.reached and time.monotonic() > give_up:
                tally.stopped, tally.left = TIME_UP, len(job_ids) - place
                return tally, job_ids[place:]
            try:
                await self._do(tally, job_id, seen=False)
            except StoreUnavailable:
                if not tally.done:
                    raise
                # What was done to those before is done, and has to be told.
                tally.refuse(STORE_AWAY, *job_ids[place:])
                break
        return tally, ()

    async def stretch(self) -> Stretch:
        """All changes so far."""
        seq, epoch = await self._parts.reader.counter()
        return Stretch(epoch, 0, seq)

    async def count_matching(self, action: str, wanted: JobFilter, stretch: Stretch) -> int:
        """How many jobs match and can have this done to them. Raises BadParameters."""
        fitting = self._fitting(action, wanted)
        reader = self._parts.reader
        return await reader.count_between(fitting, stretch.after, stretch.upto) if fitting else 0

    async def bulk_matching(
        self, action: str, wanted: JobFilter, stretch: Stretch, *, seconds: float = BULK_SECONDS
    ) -> tuple[Tally, Stretch]:
        """The same to all jobs of a stretch that match and to which it can be done.

        Returns also the stretch that is left, if any is. Raises BadParameters, Conflict for a
        stretch of another store, and StoreUnavailable when nothing was done to any of them.
        """
        if stretch.epoch != (await self.stretch()).epoch:
            raise Conflict("The store is another one now; begin anew.")
        tally = Tally(action_of(action), await self.count_matching(action, wanted, stretch))
        if fitting := self._fitting(action, wanted):
            stretch = await self._through(tally, fitting, stretch, time.monotonic() + seconds)
        # To whoever moved on meanwhile it was not done either.
        tally.refused_count = max(tally.matched - tally.done - tally.left, 0)
        return tally, stretch

    async def _through(
        self, tally: Tally, fitting: JobFilter, stretch: Stretch, give_up: float
    ) -> Stretch:
        reader = self._parts.reader
        try:
            while found := await reader.between(
                fitting, stretch.after, stretch.upto, most=SLICE_JOBS
            ):
                for job_id, seq in found:
                    if tally.reached and time.monotonic() > give_up:
                        tally.stopped = TIME_UP
                        tally.left = await reader.count_between(
                            fitting, stretch.after, stretch.upto
                        )
                        return stretch
                    await self._do(tally, job_id, seen=True)
                    stretch = replace(stretch, after=seq)
        except StoreUnavailable:
            if not tally.done:
                raise
            tally.stopped, tally.left = STORE_AWAY, max(tally.matched - tally.reached, 0)
        return stretch

    async def _do(self, tally: Tally, job_id: str, *, seen: bool) -> None:
        by = self.access.name
        try:
            if not seen:
                await self.glance(job_id)
            await self._parts.writing.do(lambda it: it.act(tally.action, job_id, by=by))
            tally.done += 1
        except (UnknownJob, Conflict) as error:
            tally.refuse(str(error), job_id)

    def _fitting(self, action: str, wanted: JobFilter) -> JobFilter | None:
        """What matches and can have this done to it; None where nothing can."""
        fits = frozenset(status.value for status in ACTIONS[action_of(action)])
        statuses = wanted.status & fits if wanted.status else fits
        return self.access.narrowed(replace(wanted, status=statuses)) if statuses else None
