"""Stories for requests: read and worded for the API and the pages, and created."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from headway.client import record_for
from headway.errors import BadParameters, UnknownThing
from headway.kinds.registry import find
from headway.model.idempotency import idempotent
from headway.model.record import JsonDict, Record, new_id
from jobs.character.web.characters import CHARACTER_PAGES
from jobs.story.table import STORIES, StoryRow
from quart_app.access import gate
from quart_app.addresses import base
from quart_app.guest_views import Collection, generation_status
from quart_app.services import services

KIND = "story_generation"


def story_json(item: JsonDict) -> JsonDict:
    """A story with the state of its writing, and with the chapters written so far if it has any."""
    names = "id character_id character_name theme length title created_at job_id".split()
    text = {"chapters": json.loads(item["chapters"])} if "chapters" in item else {}
    return {name: item[name] for name in names} | {
        "generation_status": generation_status(item["job_status"]),
        **text,
        "links": {
            "self": f"{base()}/api/stories/{item['id']}",
            "page": f"{base()}/stories/{item['id']}",
            "character": f"{base()}/api/characters/{item['character_id']}",
            "job": f"{base()}/api/jobs/{item['job_id']}",
            "events": f"{base()}/api/jobs/{item['job_id']}/events",
        },
    }


STORY_PAGES = Collection("stories", "story", STORIES, story_json)


async def create_story(values: Mapping[str, Any], *, key: str | None) -> tuple[str, Record]:
    """Keep a story of a stored character and start writing it, once for each `key`.

    Returns its id and the job. Raises BadParameters, Conflict, StoreUnavailable.
    """
    story_id = new_id()
    checked = find(KIND).validated({**values, "story_id": story_id})
    try:
        character = await CHARACTER_PAGES.one(checked.params["character_id"])
    except UnknownThing as error:
        raise BadParameters({"character_id": str(error)}) from None
    record = record_for(checked, owner=gate().owner_of(character["user_id"]))
    asked = idempotent(key, KIND, record.owner, dict(values))
    row = StoryRow(
        id=story_id,
        job_id=record.id,
        character_id=character["id"],
        character_name=character["name"],
        theme=record.params["theme"],
        length=record.params["length"],
        created_at=record.created_at,
    )
    saved = await services().writing.do(
        lambda it: it.submit(record, once=asked, also=lambda it: STORIES.add(it, asdict(row)))
    )
    return str(saved.params["story_id"]), saved
