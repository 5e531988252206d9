"""Guests: packages of kinds that bring pages, routes, tables and navigation of their own.

A package of kinds, `jobs.greeting` or one that KINDS names, says where its guest is, for example
`GUEST = "jobs.greeting.web"`. Only the web imports that module, so no worker loads Quart, and adds
to the app what it calls `guest`. The smallest one, `jobs/greeting/web.py`:

    from quart import Blueprint, render_template

    from headway.store.guest_tables import Things
    from quart_app.guests import Guest
    from quart_app.services import services

    GREETINGS = Things("greetings", ["id", "job_id", "text", "created_at"])
    pages = Blueprint("greetings", __name__, template_folder="templates")

    @pages.get("/greetings")
    async def greetings() -> str:
        found = await GREETINGS.newest(services().reader, most=50)
        return await render_template("greetings.html", nav="/greetings", greetings=found)

    guest = Guest(
        blueprints=[pages],
        navigation=[("/greetings", "Greetings")],
        tables=[
            "CREATE TABLE IF NOT EXISTS greetings (id TEXT NOT NULL PRIMARY KEY,"
            " job_id TEXT NOT NULL, text TEXT NOT NULL, created_at TEXT NOT NULL)"
        ],
    )

`templates/greetings.html` beside it extends `base.html`; a page with a JavaScript module of its
own names it, `{% block script %}/static/…{% endblock %}`, and has its exported
`start` called. Any other address in a page begins with `{{ base() }}`, and in Python with `base()`
of `quart_app.addresses`, for Headway may stand under a prefix. A row is kept in one transaction
with its job by `client.submit(record, also=lambda store: GREETINGS.add(store, row))`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from quart import Blueprint, Quart, current_app

EXTENSION = "headway.guests"


class Upload(NamedTuple):
    """A file that comes with a form: the form's field, and what people call the file."""

    field: str
    noun: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Guest:
    """What one package of kinds brings to the web.

    `blueprints` bring routes, and may bring templates, static files and filters; a route
    under `/api/` says what it answers (`quart_app.api.openapi.answers`). `navigation` is the
    address and the name of each section. `tables` are statements that both databases read, each
    `CREATE … IF NOT EXISTS`. `forms` is the page that starts a job of a kind, for a kind with a
    page of its own. `uploads` is the file that a form brings, by the form's address. `invitation`
    is what a new Headway proposes to do first, and the address for it.
    """

    blueprints: Sequence[Blueprint] = ()
    navigation: Sequence[tuple[str, str]] = ()
    tables: Sequence[str] = ()
    forms: Mapping[str, str] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    invitation: tuple[str, str] | None = None


def load_guests(modules: Iterable[str]) -> list[Guest]:
    """The guests of these modules of kinds, which are loaded.

    Raises ImportError and TypeError for a GUEST that is none.
    """
    names = (getattr(sys.modules[module], "GUEST", None) for module in modules)
    return [_guest_in(name) for name in names if name is not None]


def _guest_in(name: str) -> Guest:
    guest = getattr(importlib.import_module(name), "guest", None)
    if not isinstance(guest, Guest):
        raise TypeError(f"{name} has no `guest`: see quart_app.guests")
    return guest


def add_guests(app: Quart, guests: Sequence[Guest]) -> None:
    """Give the app what its guests bring."""
    app.extensions[EXTENSION] = tuple(guests)
    for guest in guests:
        for blueprint in guest.blueprints:
            app.register_blueprint(blueprint)


def guests() -> Sequence[Guest]:
    """The guests of the app that serves this request."""
    found: Sequence[Guest] = current_app.extensions[EXTENSION]
    return found
