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
from quart_app.desk import desk
from quart_app.door.bodies import posted_form
from quart_app.many import Stretch, Tally, action_of, stretch_of
from quart_app.pages.dashboard import COUNT, Chosen, chosen_by
from quart_app.pages.jobs import SEE_OTHER

# So long, in seconds, somebody waits for a page; and where a script shows how far it is.
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
                record = await desk().glance(job_id)
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
        stretch=stretch_of(begin) if begin else await desk().stretch(),
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
    if asked.everything:
        wanted = asked.chosen.filter()
        tally, rest = await desk().bulk_matching(
            asked.action, wanted, asked.stretch, seconds=asked.seconds
        )
        following = replace(asked, stretch=rest)
    else:
        tally, ids = await desk().bulk(asked.action, asked.ids, seconds=asked.seconds)
        following = replace(asked, ids=tuple(ids))
    done, total = asked.done + tally.done, asked.total or tally.matched
    if tally.left:
        return await _progress(replace(following, done=done, total=total), tally), 200
    told = {"action": asked.action, "done": str(done), "refused": str(max(total - done, 0))}
    return redirect("/" + asked.chosen.query(**told), SEE_OTHER)


async def _question(asked: Asked) -> str:
    if asked.everything:
        wanted = asked.chosen.filter()
        possible = await desk().count_matching(asked.action, wanted, asked.stretch)
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
