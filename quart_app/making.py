"""Making characters and stories: the thing, and the job that makes it, kept together or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from quart.datastructures import FileStorage

from headway import files as artifacts
from headway.client import Client, record_of
from headway.errors import (
    BadParameters,
    Conflict,
    StoreUnavailable,
    TooLarge,
    UnknownThing,
    UnsupportedFile,
)
from headway.kinds.registry import find
from headway.model.idempotency import IdempotentRequest, idempotent
from headway.model.record import JsonDict, Record, new_id
from headway.settings import Settings
from headway.store import Writer
from jobs.character.table import CHARACTERS, CharacterRow
from jobs.story.table import STORIES, StoryRow
from quart_app.access import Access
from quart_app.door.limits import PHOTO, megabytes
from quart_app.live.backend import Backend
from quart_app.shelf import character_json, generation_json

CHARACTER = "character_generation"
STORY = "story_generation"


class Making:
    """The part of the desk that takes orders for characters and stories."""

    _parts: Backend
    access: Access
    settings: Settings

    async def character(self, character_id: str) -> JsonDict:
        """One character. Raises UnknownThing."""
        return character_json(await self._character(character_id))

    async def generation(self, character_id: str) -> JsonDict:
        """How far a character's portrait is. Raises UnknownThing."""
        return generation_json(await self._character(character_id))

    async def _character(self, character_id: str) -> JsonDict:
        item = await CHARACTERS.one(self._parts.reader, character_id)
        if item is None:
            raise UnknownThing("There is no such character.")
        return item

    async def submit_character(
        self, values: Mapping[str, Any], photo: FileStorage | None, *, key: str | None = None
    ) -> tuple[JsonDict, Record]:
        """Keep a character and start its portrait, once for each `key`.

        Raises BadParameters, UnsupportedFile, TooLarge, Conflict, StoreUnavailable.
        """
        content, bad_photo = self._photo(photo)
        upload = new_id() if content else None
        params = {**values, "character_id": new_id(), PHOTO: upload}
        try:
            checked = find(CHARACTER).validated(params)
        except BadParameters as error:
            told = error.fields | (bad_photo.fields if bad_photo else {})
            raise BadParameters(told) from None
        if bad_photo:
            raise bad_photo
        record = record_of(checked, owner=self.access.owner_of(checked.params["user_id"]))
        asked = idempotent(key, CHARACTER, record.owner, dict(values), _digest(content))
        saved = await self._parts.writing.do(
            lambda it: _keep_character(it, record, upload, content, asked)
        )
        return {"id": saved.params["character_id"]}, saved

    async def submit_story(
        self, values: Mapping[str, Any], *, key: str | None = None
    ) -> tuple[JsonDict, Record]:
        """Keep a story of a stored character and start writing it, once for each `key`.

        Raises BadParameters, Conflict, StoreUnavailable.
        """
        story_id = new_id()
        checked = find(STORY).validated({**values, "story_id": story_id})
        try:
            character = await self.character(checked.params["character_id"])
        except UnknownThing as error:
            raise BadParameters({"character_id": str(error)}) from None
        record = record_of(checked, owner=self.access.owner_of(character["user_id"]))
        asked = idempotent(key, STORY, record.owner, dict(values))
        row = StoryRow(
            id=story_id,
            job_id=record.id,
            character_id=character["id"],
            character_name=character["name"],
            theme=record.params["theme"],
            length=record.params["length"],
            created_at=record.created_at,
        )

        def also(store: Writer) -> None:
            STORIES.add(store, asdict(row))
            store.keep_tombstone(record.id)

        saved = await self._parts.writing.do(lambda it: it.submit(record, once=asked, also=also))
        return {"id": saved.params["story_id"]}, saved

    def _photo(self, photo: FileStorage | None) -> tuple[bytes | None, BadParameters | None]:
        """The photo, if there is one, or why it cannot be taken."""
        if photo is None or not photo.filename:
            return None, None
        limit = self.settings.upload_limit_bytes
        content = photo.stream.read(limit + 1)
        if len(content) > limit:
            return None, TooLarge({PHOTO: f"This is larger than {megabytes(limit)}."})
        if artifacts.image_type(content[: artifacts.SIGNATURE_BYTES]) is None:
            said = "This is neither a PNG nor a JPEG nor a WebP."
            return None, UnsupportedFile({PHOTO: said})
        return content, None


def _keep_character(
    it: Client,
    record: Record,
    upload: str | None,
    photo: bytes | None,
    asked: IdempotentRequest | None,
) -> Record:
    """Keep photo, character and job together. Raises Conflict, StoreUnavailable; none is kept then.

    One piece of work for the writing thread, which ends it even when the client has left: no
    job is accepted without its photo, and no photo stays without its job.
    """

    def also(store: Writer) -> None:
        CHARACTERS.add(store, asdict(_row_of(record)))
        store.keep_tombstone(record.id)

    if upload and photo:
        artifacts.keep_upload(it.settings, upload, photo)
    try:
        saved = it.submit(record, once=asked, upload=upload, also=also)
    except (Conflict, StoreUnavailable) as error:
        # A connection that breaks at its very commit hides that the job is there after all.
        if isinstance(error, Conflict) or not it.settings.on_postgresql:
            _forget(it, upload)
        raise
    if saved.id != record.id:  # the same request was sent before
        _forget(it, upload)
    return saved


def _digest(photo: bytes | None) -> str | None:
    return sha256(photo).hexdigest() if photo else None


def _forget(it: Client, upload: str | None) -> None:
    if upload:
        artifacts.forget_upload(it.settings, upload)


def _row_of(record: Record) -> CharacterRow:
    fields = "name age gender personality_profile art_style user_id".split()
    return CharacterRow(
        id=record.params["character_id"],
        job_id=record.id,
        created_at=record.created_at,
        **{name: record.params[name] for name in fields},
    )
