"""The HTML pages: every one says the truth without JavaScript, and static/ makes it live.

They ask the reader what the API asks it, and pass templates the API's own JSON.
"""

from __future__ import annotations

from quart import Quart
from quart_schema import hide

from quart_app.pages import (
    bulk,
    characters,
    dashboard,
    docs,
    job_wording,
    jobs,
    last_hour,
    panels,
    stories,
    wording,
)
from quart_app.pages.form_key import fresh_key


def add_pages(app: Quart) -> None:
    """Give the app its pages and the words they use."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["fresh_key"] = fresh_key
    app.jinja_env.filters.update(wording.FILTERS | job_wording.FILTERS | panels.FILTERS)
    for noun in (dashboard, last_hour, bulk, jobs, characters, stories, docs):
        app.register_blueprint(noun.pages)
        _leave_out_of_openapi(app, noun.pages.name)


def _leave_out_of_openapi(app: Quart, blueprint: str) -> None:
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith(f"{blueprint}."):
            hide(view)
