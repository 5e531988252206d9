"""The page that does the same to many jobs: it counts and asks first, then does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from quart import Blueprint, redirect, render_template
from quart.typing import ResponseReturnValue

from jobs.bulk import fitting
from jobs.errors import UnknownJob
from quart_app.bodies import posted_form
from quart_app.desk import desk
from quart_app.pages.dashboard import Chosen, chosen_by
from quart_app.pages.jobs import SEE_OTHER

pages = Blueprint("bulk", __name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: an action, and the jobs chosen one by one or by the list's filter."""

    action: str
    everything: bool
    ids: tuple[str, ...]
    chosen: Chosen

    async def possible(self) -> list[str]:
        """The jobs to which it can be done now. Raises BadParameters for an unknown action."""
        if self.everything:
            return await desk().ids_matching(self.action, self.chosen.filter())
        fits, found = fitting(self.action), []
        for job_id in self.ids:
            try:
                record = await desk().glance(job_id)
            except UnknownJob:  # it was deleted since the list was drawn
                continue
            if record.status in fits:
                found.append(job_id)
        return found


def _asked(form: Any) -> Asked:
    return Asked(
        action=form.get("action", ""),
        everything="all" in form,
        ids=tuple(dict.fromkeys(form.getlist("ids"))),
        chosen=chosen_by(form),
    )


@pages.post("/jobs/bulk")
async def act() -> ResponseReturnValue:
    """Ask first; when that was confirmed, do it and go back to the list."""
    form = await posted_form()
    asked = _asked(form)
    if "confirmed" not in form:
        return await _question(asked), 200
    if asked.everything:
        outcome = await desk().bulk_matching(asked.action, asked.chosen.filter())
    else:
        outcome = await desk().bulk(asked.action, asked.ids)
    told = {
        "action": asked.action,
        "done": str(outcome["done"]),
        "refused": str(len(outcome["refused"])),
    }
    return redirect("/" + asked.chosen.query(**told), SEE_OTHER)


async def _question(asked: Asked) -> str:
    possible = await asked.possible()
    return await render_template(
        "jobs/bulk.html",
        nav="/",
        asked=asked,
        possible=len(possible),
        ids=() if asked.everything else possible,
        impossible=0 if asked.everything else len(asked.ids) - len(possible),
    )
