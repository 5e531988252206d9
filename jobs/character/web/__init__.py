"""Characters on the web: a guest, with their table, their pages and their API."""

from __future__ import annotations

from jobs.character.table import TABLE
from jobs.character.web import api, pages
from jobs.character.web.characters import KIND, PHOTO
from quart_app.guests import Guest, Upload

guest = Guest(
    blueprints=[api.api, pages.pages],
    navigation=[("/characters", "Characters")],
    tables=TABLE,
    invitation=("create a character", "/characters/new"),
    forms={KIND: "/characters/new"},
    uploads=dict.fromkeys(("/api/characters", "/characters/new"), Upload(PHOTO, "photo")),
)
