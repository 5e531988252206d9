"""Greetings on the web: a table, a page, a route of the API and a section."""

from __future__ import annotations

from pydantic import BaseModel
from quart import Blueprint, Response, render_template, request

from headway.client import new_record
from headway.model.record import JsonDict, new_id
from headway.store.guest_tables import Things
from quart_app.api import response_models
from quart_app.api.jobs import accepted
from quart_app.api.openapi import answers
from quart_app.guest_views import Collection, generation_status
from quart_app.guests import Guest
from quart_app.services import services

TABLE = """
    CREATE TABLE IF NOT EXISTS greetings (
        id TEXT NOT NULL PRIMARY KEY,
        job_id TEXT NOT NULL,
        name TEXT NOT NULL,
        created_at TEXT NOT NULL
    )
"""
GREETINGS = Things("greetings", ["id", "job_id", "name", "created_at"])

pages = Blueprint("greetings", __name__, template_folder="templates")


def greeting_json(item: JsonDict) -> JsonDict:
    """A greeting with what its job made of it."""
    state = generation_status(item["job_status"])
    return {"id": item["id"], "name": item["name"], "state": state, "text": item["job_result"]}


class Greeting(BaseModel):
    """A greeting."""

    id: str
    name: str
    state: str
    text: str | None


greetings = Collection("greetings", "greeting", GREETINGS, greeting_json)


@pages.get("/greetings")
async def listed() -> str:
    """Every greeting."""
    shown = await greetings.page(50)
    return await render_template("greetings.html", nav="/greetings", **shown)


@pages.get("/api/greetings/<greeting_id>")
@answers({200: Greeting}, 404, 503)
async def show(greeting_id: str) -> JsonDict:
    """One greeting."""
    return await greetings.one(greeting_id)


@pages.post("/api/greetings")
@answers({202: response_models.Job}, 400, 413, 415, 503)
async def create() -> Response:
    """Greet somebody."""
    record = new_record("toy.greet", {**await request.get_json(), "greeting_id": new_id()})
    row = {
        "id": record.params["greeting_id"],
        "job_id": record.id,
        "name": record.params["name"],
        "created_at": record.created_at,
    }
    saved = await services().writing.do(
        lambda client: client.submit(record, also=lambda store: GREETINGS.add(store, row))
    )
    return await accepted(saved, greeting={"id": row["id"]})


guest = Guest(
    blueprints=[pages],
    navigation=[("/greetings", "Greetings")],
    tables=[TABLE],
)
