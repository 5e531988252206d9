"""The HTML pages: every one says the truth without JavaScript, and static/ makes it live.

They ask the reader what the API asks it, and pass templates the API's own JSON.
"""

from __future__ import annotations

from quart import Quart

from quart_app.addresses import base
from quart_app.guests import guests
from quart_app.pages import (
    bulk,
    dashboard,
    docs,
    job_wording,
    jobs,
    panels,
    wording,
)
from quart_app.pages.form_key import fresh_key
from quart_app.pages.scripts import boot, modules_of


def add_pages(app: Quart) -> None:
    """Give the app its pages and the words they use."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals |= {
        "base": base,
        "boot": boot,
        "fresh_key": fresh_key,
        "modules_of": modules_of,
        "navigation": navigation,
        "invitations": invitations,
    }
    app.jinja_env.filters.update(wording.FILTERS | job_wording.FILTERS | panels.FILTERS)
    for noun in (dashboard, bulk, jobs, docs):
        app.register_blueprint(noun.pages)


def navigation() -> list[tuple[str, str]]:
    """The address and the name of each section, in the order in which they stand."""
    of_guests = (section for guest in guests() for section in guest.navigation)
    return [("/", "Jobs"), *of_guests, ("/jobs/new", "New job")]


def invitations() -> list[tuple[str, str]]:
    """What guests propose to do first, and where."""
    return [guest.invitation for guest in guests() if guest.invitation]
