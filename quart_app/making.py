"""Making characters and stories: the thing, and the job that makes it, kept together or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quart.datastructures import FileStorage

from jobs import artifacts
from jobs.errors import BadParameters, TooLarge, UnknownThing, UnsupportedFile
from jobs.records import JsonDict, Record, new_id
from jobs.registry import find
from jobs.settings import Settings
from jobs.store.library import CharacterRow, StoryRow
from jobs.submit import new_record
from quart_app.access import Access
from quart_app.backend import Backend
from quart_app.shelf import character_json

CHARACTER = "character_generation"
STORY = "story_generation"
# Parameters that are made up for each request.
OF_A_CHARACTER = frozenset({"character_id", "reference_photo"})
OF_A_STORY = frozenset({"story_id"})
MEGABYTE = 1024 * 1024


class Making:
    """The part of the desk that takes orders for characters and stories."""

    _parts: Backend
    access: Access
    settings: Settings

    async def character(self, character_id: str) -> JsonDict:
        """One character. Raises UnknownThing."""
        item = await self._parts.reader.library_item("characters", character_id)
        if item is None:
            raise UnknownThing("There is no such character.")
        return character_json(item)

    async def submit_character(
        self, values: Mapping[str, Any], photo: FileStorage | None, *, key: str | None = None
    ) -> tuple[JsonDict, Record]:
        """Keep a character and start its portrait, once for each `key`.

        Raises BadParameters, UnsupportedFile, TooLarge, Conflict, StoreUnavailable.
        """
        content = self._photo(photo)
        character_id = new_id()
        params = {**values, "character_id": character_id, "reference_photo": None}
        # Checked without the photo first, so that a bad field leaves no file behind.
        checked = find(CHARACTER).validated(params)
        upload = artifacts.keep_upload(self.settings, content) if content else None
        record = new_record(
            CHARACTER,
            checked | {"reference_photo": upload},
            owner=self.access.owner_of(checked["user_id"]),
        )
        fields = "name age gender personality_profile art_style user_id".split()
        row = CharacterRow(
            id=character_id,
            job_id=record.id,
            created_at=record.created_at,
            **{name: record.params[name] for name in fields},
        )
        saved = None
        try:
            saved = await self._parts.writing.do(
                lambda it: it.submit(record, row, key=key, made_up=OF_A_CHARACTER)
            )
        finally:
            if upload and (saved is None or saved.params.get("reference_photo") != upload):
                artifacts.forget_upload(self.settings, upload)
        return {"id": saved.params["character_id"]}, saved

    async def submit_story(
        self, values: Mapping[str, Any], *, key: str | None = None
    ) -> tuple[JsonDict, Record]:
        """Keep a story of a stored character and start writing it, once for each `key`.

        Raises BadParameters, Conflict, StoreUnavailable.
        """
        story_id = new_id()
        asked = find(STORY).validated({**values, "story_id": story_id})
        try:
            character = await self.character(asked["character_id"])
        except UnknownThing as error:
            raise BadParameters({"character_id": str(error)}) from None
        record = new_record(STORY, asked, owner=self.access.owner_of(character["user_id"]))
        row = StoryRow(
            id=story_id,
            job_id=record.id,
            character_id=character["id"],
            character_name=character["name"],
            theme=record.params["theme"],
            length=record.params["length"],
            created_at=record.created_at,
        )
        saved = await self._parts.writing.do(
            lambda it: it.submit(record, row, key=key, made_up=OF_A_STORY)
        )
        return {"id": saved.params["story_id"]}, saved

    def _photo(self, photo: FileStorage | None) -> bytes | None:
        if photo is None or not photo.filename:
            return None
        content = photo.stream.read(self.settings.upload_limit_bytes + 1)
        if len(content) > self.settings.upload_limit_bytes:
            megabytes = self.settings.upload_limit_bytes / MEGABYTE
            raise TooLarge({"reference_photo": f"is larger than {megabytes:.0f} MB"})
        if artifacts.image_type(content[: artifacts.SIGNATURE_BYTES]) is None:
            raise UnsupportedFile({"reference_photo": "is neither a PNG nor a JPEG nor a WebP"})
        return content
