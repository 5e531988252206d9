"""Stories on the web: a guest, with their table, their pages and their API."""

from __future__ import annotations

from jobs.story.table import TABLE
from jobs.story.web import api, pages
from jobs.story.web.stories import KIND
from quart_app.guests import Guest

guest = Guest(
    blueprints=[api.api, pages.pages],
    navigation=[("/stories", "Stories")],
    tables=TABLE,
    forms={KIND: "/stories/new"},
)
