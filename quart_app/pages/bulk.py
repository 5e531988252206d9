"""The page that does the same to many jobs: it counts and asks first, then does it.

What takes long is done a while at a time: the page says how far it is and offers to go on, which
static/bulk.js does by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from quart import Blueprint, redirect, render_template
from quart.typing import ResponseReturnValue

from headway.errors import UnknownJob
from quart_app.access import gate
from quart_app.addresses import base
from quart_app.bulk import Bulk, Stretch, Tally, action_of, all_changes, stretch_of
from quart_app.door.request_parsing import posted_form
from quart_app.pages.dashboard import COUNT, Chosen, chosen_by
from quart_app.pages.jobs import SEE_OTHER
from quart_app.services import services

# How long, in seconds, a page may take; and where a script shows how far it is.
PAGE_SECONDS = 10.0
SHOWN_SECONDS = 1.0

pages = Blueprint("bulk", __name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: an action, and the jobs chosen one by one or by the list's filter.

    `total` and `done` are of the whole action, of which this may be a part.
    """

    action: str
    everything: bool
    ids: tuple[str, ...]
    chosen: Chosen
    stretch: Stretch
    total: int
    done: int
    seconds: float

    async def possible(self) -> list[str]:
        """The named jobs to which it can be done now. Raises BadParameters for no action."""
        action, found = action_of(self.action), []
        for job_id in self.ids:
            try:
                record = await gate().job_as_event(job_id)
            except UnknownJob:  # it was deleted since the list was drawn
                continue
            if action in record.actions:
                found.append(job_id)
        return found


async def _asked(form: Any) -> Asked:
    begin = form.get("from")
    return Asked(
        action=form.get("action", ""),
        everything="all" in form,
        ids=tuple(dict.fromkeys(form.getlist("ids"))),
        chosen=chosen_by(form),
        stretch=stretch_of(begin) if begin else await all_changes(services().reader),
        total=_number(form.get("total")),
        done=_number(form.get("done")),
        seconds=SHOWN_SECONDS if "shown" in form else PAGE_SECONDS,
    )


def _number(text: str | None) -> int:
    return int(text) if text and COUNT.fullmatch(text) else 0


@pages.post("/jobs/bulk")
async def act() -> ResponseReturnValue:
    """Ask first; when that was confirmed, do it and go back to the list."""
    form = await posted_form()
    asked = await _asked(form)
    if "confirmed" not in form:
        return await _question(asked), 200
    bulk = Bulk(gate(), asked.action, seconds=asked.seconds)
    if asked.everything:
        tally, rest = await bulk.to_matching(asked.chosen.filter(), asked.stretch)
        following = replace(asked, stretch=rest)
    else:
        tally, ids = await bulk.to_named(asked.ids)
        following = replace(asked, ids=tuple(ids))
    done, total = asked.done + tally.done, asked.total or tally.matched
    if tally.left:
        return await _progress(replace(following, done=done, total=total), tally), 200
    told = {"action": asked.action, "done": str(done), "refused": str(max(total - done, 0))}
    return redirect(f"{base()}/" + asked.chosen.query(**told), SEE_OTHER)


async def _question(asked: Asked) -> str:
    if asked.everything:
        bulk = Bulk(gate(), asked.action)
        possible = await bulk.count(asked.chosen.filter(), asked.stretch)
        impossible = 0
    else:
        ids = await asked.possible()
        possible, impossible = len(ids), len(asked.ids) - len(ids)
        asked = replace(asked, ids=tuple(ids))
    return await render_template(
        "jobs/bulk.html",
        nav="/",
        asked=replace(asked, total=possible, done=0),
        possible=possible,
        impossible=impossible,
        tally=None,
    )


async def _progress(asked: Asked, tally: Tally) -> str:
    return await render_template(
        "jobs/bulk.html", nav="/", asked=asked, possible=tally.left, impossible=0, tally=tally
    )
