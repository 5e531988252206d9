"""The pages at `/` and `/last-hour`: counts, a list of jobs, throughput, queues and workers."""

from __future__ import annotations

import re
from asyncio import gather
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from quart import Blueprint, render_template, request
from quart_schema import validate_querystring

from headway.errors import BadParameters
from headway.kinds.kind import Kind
from headway.kinds.registry import kinds
from headway.model.record import JsonDict, Status
from headway.store import JobFilter
from quart_app.access import gate
from quart_app.addresses import base, linked
from quart_app.api.request_models import JobQuery, ListedAt, Query, Text
from quart_app.door.request_parsing import parsed
from quart_app.pages.job_wording import BULK_WORDS, outcome
from quart_app.pages.throughput_chart import draw
from quart_app.paging import page_of, place_of
from quart_app.services import services

PAGE_ROWS = 20  # jobs on one page: two screens; all that a browser loads first stays under 60 kB
NOT_ENDED = ("started", "queued", "scheduled", "deferred")
SHOWN_ORDER = (*NOT_ENDED, "finished", "failed", "stopped", "canceled")
BLANK = {
    "id": "", "kind": "", "title": "", "status": "queued", "stalled": False, "progress": None,
    "message": "", "seq": 0, "step": None, "steps": None, "step_name": None, "eta_seconds": None,
    "attempt": 1, "error": None, "created_at": None, "started_at": None, "ended_at": None,
}  # fmt: skip  # an empty row for the script to copy
COUNT = re.compile("[0-9]{1,9}")
# Names that a menu offers besides those of registered kinds; the search finds the others too.
OFFERED = 100

pages = Blueprint("dashboard", __name__)


class Place(Query):
    """Where a page of the list begins."""

    before: Text = None
    at: ListedAt = None


class Chosen(JobQuery, frozen=True):
    """Which jobs the address asks for; of one state, or of any."""

    def query(self, **more: str) -> str:
        """The choice as a query string with its `?`, or nothing when there is no choice."""
        pairs = self.pairs() | {name: value for name, value in more.items() if value}
        return f"?{urlencode(pairs)}" if pairs else ""

    def pairs(self) -> dict[str, str]:
        """What is chosen, by name."""
        return {name: value for name, value in self if value}

    def but(self, **changed: str | None) -> Chosen:
        """The same choice but for this."""
        return self.model_copy(update=changed)

    def with_status(self, status: str | None) -> str:
        """The address of the same choice in another state."""
        return f"{base()}/" + self.but(status=status).query()

    def without(self, name: str) -> str:
        """The address of the same choice with one thing less chosen."""
        return f"{base()}/" + self.but(**{name: None}).query()

    def narrowed(self) -> bool:
        """True when not every job is asked for."""
        return bool(self.query())

    def narrowed_by(self) -> dict[str, str]:
        """What is chosen besides the state, by name."""
        return {name: value for name, value in self.pairs().items() if name != "status"}


def chosen_by(args: Any) -> Chosen:
    """Read the choice from an address' arguments, or a form's.

    Raises BadParameters for a long text, and for what is not one state: it would narrow nothing,
    and show, or delete, every job.
    """
    chosen = parsed(Chosen, {name: args.get(name) for name in JobQuery.model_fields})
    if "," in (chosen.status or ""):
        raise BadParameters({"status": f"Must be one of {', '.join(Status)}."})
    return chosen


def _told(args: Any) -> str:
    """What a bulk action that ended here did; nothing for an address that was made up."""
    action, done, refused = args.get("action"), args.get("done", ""), args.get("refused", "")
    if action not in BULK_WORDS or not (COUNT.fullmatch(done) and COUNT.fullmatch(refused)):
        return ""
    return outcome(action, int(done), int(refused))


@pages.get("/")
@validate_querystring(Place)
async def show(query_args: Place) -> str:
    """The dashboard."""
    chosen, before, at = chosen_by(request.args), query_args.before, query_args.at
    allowed, here = gate(), services()
    in_any_state = chosen.but(status=None).filter()
    counted = here.reader.counts_quickly(in_any_state)
    found, counts, minutes, queues, workers, names = await gather(
        allowed.newest(chosen.filter(), before=before, at=at, most=PAGE_ROWS + 1),
        here.reader.counts(allowed.narrowed(in_any_state if counted else JobFilter())),
        here.status.last_hour.minutes(),
        here.status.queues(),
        here.status.workers(),
        allowed.names(),
    )
    jobs, following = page_of([record.to_event() for record in found.records], PAGE_ROWS)
    return await render_template(
        "dashboard.html",
        nav="/",
        chosen=chosen,
        told=_told(request.args),
        jobs=jobs,
        blank=BLANK,
        cursor=f"{found.epoch}:{found.seq}",
        before=before,
        api=f"{base()}/api/jobs"
        + chosen.query(limit=str(PAGE_ROWS), before=before or "", at=at or ""),
        next=_below(chosen, jobs) if following else None,
        counts={status: counts[status] for status in SHOWN_ORDER},
        counted=counted,
        counts_api=_counts_api(chosen) if counted else None,
        hour=draw(minutes),
        reason=here.relay.reason,
        queues=queues,
        workers=[linked(worker) for worker in workers],
        kinds=_kinds_offered(kinds(), names.get("kind", ()), chosen.kind),
        queue_names=_queues_offered(kinds(), names.get("queue", ()), chosen.queue),
    )


def _below(chosen: Chosen, jobs: Sequence[JsonDict]) -> str:
    """The address of the jobs below these."""
    return f"{base()}/" + chosen.query(**place_of(chosen.filter(), jobs))


def _counts_api(chosen: Chosen) -> str | None:
    """Where to ask for the counts of what is chosen; those of all jobs are pushed."""
    narrowed = urlencode(chosen.narrowed_by())
    return f"{base()}/api/counts?{narrowed}" if narrowed else None


@pages.get("/last-hour")
async def last_hour() -> str:
    """The last hour by itself."""
    minutes = await services().status.last_hour.minutes()
    return await render_template("last_hour.html", nav="/", hour=draw(minutes))


def _kinds_offered(
    known: Iterable[Kind], stored: Sequence[str], chosen: str | None
) -> list[tuple[str, str]]:
    """(name, what people call it) of each kind: our own ones first, as they were registered."""
    labels = {kind.name: kind.label for kind in known}
    others = sorted(_others(labels, stored, chosen))
    return [*labels.items(), *((name, name) for name in others)]


def _queues_offered(known: Iterable[Kind], stored: Sequence[str], chosen: str | None) -> list[str]:
    """The name of each queue."""
    of_ours = {kind.queue for kind in known}
    return sorted(of_ours | _others(of_ours, stored, chosen))


def _others(known: Iterable[str], stored: Sequence[str], chosen: str | None) -> set[str]:
    found = [name for name in stored if name not in set(known)][:OFFERED]
    return {*found, *([chosen] if chosen and chosen not in set(known) else [])}
