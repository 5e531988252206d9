"""Stories on the web: a guest, with their table, their pages and their API."""

from __future__ import annotations

from jobs.story.table import TABLE
from jobs.story.web import api, pages, shapes
from jobs.story.web.stories import KIND
from quart_app.guests import Guest, Operation

guest = Guest(
    blueprints=[api.api, pages.pages],
    navigation=[("/stories", "Stories")],
    tables=TABLE,
    forms={KIND: "/stories/new"},
    operations={
        "POST /api/stories": Operation(
            {202: shapes.StoryAccepted}, (400, 403, 409, 413, 415, 422, 503), keyed=True
        ),
        "GET /api/stories": Operation({200: shapes.StoryPage}, (403, 404, 422, 503)),
        "GET /api/stories/{story_id}": Operation({200: shapes.Story}, (403, 404, 503)),
    },
)
