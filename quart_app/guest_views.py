"""Things that jobs make, as pages and the API show them: one, and a list that is read by pages."""

from __future__ import annotations

from collections.abc import Callable

from quart import Response, request

from headway.errors import UnknownJob, UnknownThing
from headway.model.record import FINAL, JsonDict, Record, Status
from headway.store.guest_tables import Things
from quart_app.access import gate
from quart_app.addresses import base
from quart_app.api.request_models import PageQuery
from quart_app.door.responses import json_reply
from quart_app.paging import page_of
from quart_app.services import services


class Collection:
    """The things of a table, each shown as `to_json` words it.

    They are `/characters`, say, for people and `/api/characters` for programs: that is the `name`.
    """

    def __init__(
        self, name: str, noun: str, things: Things, to_json: Callable[[JsonDict], JsonDict]
    ) -> None:
        self._name = name
        self._noun = noun
        self._things = things
        self._to_json = to_json

    async def one(self, thing_id: str) -> JsonDict:
        """One thing. Raises UnknownThing, StoreUnavailable."""
        return self._to_json(await self.stored(thing_id))

    async def stored(self, thing_id: str) -> JsonDict:
        """One thing as it is stored, with the state of its job; raises the same."""
        thing = await self._things.one(services().reader, thing_id)
        if thing is None:
            raise UnknownThing(f"There is no such {self._noun}.")
        return thing

    async def newest(self, *, before: str | None = None, most: int) -> list[JsonDict]:
        """The newest things. Raises UnknownThing for a `before` that is none, StoreUnavailable."""
        found = await self._things.newest(services().reader, before=before, most=most)
        if before and not found:
            await self.stored(before)
        return [self._to_json(thing) for thing in found]

    async def page(self, rows: int) -> JsonDict:
        """What the template of a page of the list is given. Raises as `newest` does."""
        before = request.args.get("before") or None
        shown, following = page_of(await self.newest(before=before, most=rows + 1), rows)
        address = f"{base()}/{self._name}?before={following}" if following else None
        return {self._name: shown, "before": before, "next": address}

    async def answer(self, query: PageQuery) -> Response:
        """The API's page of the list. Raises as `newest` does, and BadParameters."""
        before, limit = query.before, query.limit
        shown, following = page_of(await self.newest(before=before, most=limit + 1), limit)
        address = (
            f"{base()}/api/{self._name}?before={following}&limit={limit}" if following else None
        )
        return json_reply({self._name: shown, "next": address})


async def job_of(thing: JsonDict) -> Record | None:
    """The job that makes a thing; None where it was deleted, for the thing outlives it."""
    try:
        return await gate().job_as_event(thing["job_id"])
    except UnknownJob:
        return None


def generation_status(job_status: str | None) -> str:
    """A job's status in the words of those who wait for what it makes."""
    if job_status == Status.FINISHED:
        return "completed"
    if job_status == Status.STARTED:
        return "generating"
    return "failed" if job_status is None or job_status in FINAL else "pending"
