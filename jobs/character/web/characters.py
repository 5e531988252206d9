"""Characters for requests: read and worded for the API and the pages, and created."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from quart.datastructures import FileStorage

from headway import files
from headway.client import record_for
from headway.errors import BadParameters, TooLarge, UnsupportedFile
from headway.kinds.registry import find
from headway.model.idempotency import idempotent
from headway.model.record import JsonDict, Record, new_id
from jobs.character import PORTRAIT, THUMBNAIL
from jobs.character.table import CHARACTERS
from quart_app.access import gate
from quart_app.addresses import base
from quart_app.door.request_parsing import megabytes
from quart_app.guest_views import Collection, generation_status
from quart_app.services import services

KIND = "character_generation"
PHOTO = "reference_photo"


def character_json(item: JsonDict) -> JsonDict:
    """A character with the state of its portrait."""
    names = "id name age gender personality_profile art_style user_id created_at job_id".split()
    itself = f"{base()}/api/characters/{item['id']}"
    return {name: item[name] for name in names} | {
        "generation_status": generation_status(item["job_status"]),
        "description": (item["job_result"] or {}).get("caption"),
        "portrait": _picture(item, PORTRAIT),
        "thumbnail": _picture(item, THUMBNAIL),
        "links": {
            "self": itself,
            "page": f"{base()}/characters/{item['id']}",
            "generation_status": f"{itself}/generation-status",
            "job": f"{base()}/api/jobs/{item['job_id']}",
            "events": f"{base()}/api/jobs/{item['job_id']}/events",
        },
    }


CHARACTER_PAGES = Collection("characters", "character", CHARACTERS, character_json)


async def generation(character_id: str) -> JsonDict:
    """How far a character's portrait is. Raises UnknownThing, StoreUnavailable."""
    item = await CHARACTER_PAGES.stored(character_id)
    return {
        "character_id": item["id"],
        "generation_status": generation_status(item["job_status"]),
        "progress_percentage": item["job_progress"] or 0,
        "progress_message": item["job_message"] or "",
        "created_at": item["created_at"],
        "generation_started": item["job_started_at"],
    }


async def create_character(
    values: Mapping[str, Any], photo: FileStorage | None, *, key: str | None
) -> tuple[str, Record]:
    """Keep a character and start its portrait, once for each `key`; returns its id and the job.

    Raises BadParameters, UnsupportedFile, TooLarge, Conflict, StoreUnavailable.
    """
    content, bad_photo = _content_of(photo)
    upload = new_id() if content else None
    params = {**values, "character_id": new_id(), PHOTO: upload}
    try:
        checked = find(KIND).validated(params)
    except BadParameters as error:
        raise BadParameters(error.fields | (bad_photo.fields if bad_photo else {})) from None
    if bad_photo:
        raise bad_photo
    owner = gate().owner_of(checked.params["user_id"])
    record = record_for(checked, owner=owner)
    digest = sha256(content).hexdigest() if content else None
    asked = idempotent(key, KIND, record.owner, dict(values), digest)
    row = _row_of(record)
    # One piece of work for the writing thread, which ends it even when the client has left: no
    # job is accepted without its photo, and no photo stays without its job.
    saved = await services().writing.do(
        lambda client: client.submit(
            record,
            once=asked,
            upload=(upload, content) if upload and content else None,
            also=lambda store: CHARACTERS.add(store, row),
        )
    )
    return str(saved.params["character_id"]), saved


def _row_of(record: Record) -> JsonDict:
    given = "name age gender personality_profile art_style user_id".split()
    return {name: record.params[name] for name in given} | {
        "id": record.params["character_id"],
        "job_id": record.id,
        "created_at": record.created_at,
    }


def _content_of(photo: FileStorage | None) -> tuple[bytes | None, BadParameters | None]:
    """The photo, if there is one, or why it cannot be taken."""
    if photo is None or not photo.filename:
        return None, None
    limit = services().settings.upload_limit_bytes
    content = photo.stream.read(limit + 1)
    if len(content) > limit:
        return None, TooLarge({PHOTO: f"This is larger than {megabytes(limit)}."})
    if files.image_type(content[: files.SIGNATURE_BYTES]) is None:
        said = "This is neither a PNG nor a JPEG nor a WebP."
        return None, UnsupportedFile({PHOTO: said})
    return content, None


def _picture(item: JsonDict, name: str) -> str | None:
    return f"{base()}/api/jobs/{item['job_id']}/artifacts/{name}" if name in item["files"] else None
