"""Characters on the web: a guest, with their table, their pages and their API."""

from __future__ import annotations

from jobs.character.table import TABLE
from jobs.character.web import api, pages, shapes
from jobs.character.web.characters import KIND, PHOTO
from quart_app.guests import Guest, Operation, Upload

guest = Guest(
    blueprints=[api.api, pages.pages],
    navigation=[("/characters", "Characters")],
    tables=TABLE,
    invitation=("create a character", "/characters/new"),
    forms={KIND: "/characters/new"},
    uploads=dict.fromkeys(("/api/characters", "/characters/new"), Upload(PHOTO, "photo")),
    operations={
        "POST /api/characters": Operation(
            {202: shapes.CharacterAccepted},
            (400, 403, 409, 413, 415, 422, 503),
            keyed=True,
            form=shapes.CharacterForm,
        ),
        "GET /api/characters": Operation({200: shapes.CharacterPage}, (403, 404, 422, 503)),
        "GET /api/characters/{character_id}": Operation({200: shapes.Character}, (403, 404, 503)),
        "GET /api/characters/{character_id}/generation-status": Operation(
            {200: shapes.Generation}, (403, 404, 503)
        ),
    },
)
