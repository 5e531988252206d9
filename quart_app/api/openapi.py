"""`/openapi.json`: quart-schema's description of the routes, completed by what they answer.

Each operation has one line in OPERATIONS; pages for people are not described.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from quart_schema.openapi import OpenAPIProvider

from headway.model.record import JsonDict
from quart_app.api import library_shapes as library
from quart_app.api import shapes
from quart_app.api import system_shapes as system
from quart_app.door.bodies import KEY_CHARACTERS
from quart_app.door.errors import PROBLEM
from quart_app.door.limits import MULTIPART

JSON, TEXT, ANY = "application/json", "text/plain", "application/octet-stream"
STREAM = "text/event-stream"
REFERENCE = "#/components/schemas/{model}"
# A body's shape, the media type of one that has none, or None for no body.
Body = type[BaseModel] | str | None

# By operation: what each good answer brings, and which problems there may be.
OPERATIONS: dict[str, tuple[dict[int, Body], tuple[int, ...]]] = {
    "GET /api/kinds": ({200: system.Kinds}, (403,)),
    "POST /api/jobs": ({202: shapes.Job}, (400, 403, 404, 409, 413, 415, 422, 503)),
    "GET /api/jobs": ({200: shapes.JobPage}, (403, 404, 422, 503)),
    "POST /api/jobs/bulk": ({200: shapes.BulkAnswer}, (400, 403, 409, 413, 415, 422, 503)),
    "GET /api/jobs/{job_id}": ({200: shapes.Job, 304: None}, (403, 404, 422, 503)),
    "DELETE /api/jobs/{job_id}": ({204: None}, (403, 404, 409, 503)),
    "POST /api/jobs/{job_id}/stop": ({202: shapes.Job}, (403, 404, 409, 503)),
    "POST /api/jobs/{job_id}/retry": ({202: shapes.Job}, (403, 404, 409, 503)),
    "GET /api/jobs/{job_id}/attempts": ({200: system.Attempts}, (403, 404, 503)),
    "GET /api/jobs/{job_id}/timeline": ({200: system.Timeline}, (403, 404, 503)),
    "GET /api/jobs/{job_id}/log": ({200: system.LogLines}, (403, 404, 422, 503)),
    "GET /api/jobs/{job_id}/log.txt": ({200: TEXT}, (403, 404, 503)),
    "GET /api/jobs/{job_id}/result": ({200: JSON}, (403, 404, 503)),
    "GET /api/jobs/{job_id}/artifacts": ({200: system.Artifacts}, (403, 404, 422, 503)),
    "GET /api/jobs/{job_id}/artifacts/{name}": (
        {200: ANY, 206: ANY, 304: None, 412: None},
        (403, 404, 416, 503),
    ),
    "GET /api/jobs/{job_id}/events": ({200: STREAM, 204: None}, (403, 404, 503)),
    "GET /api/events": ({200: STREAM}, (403, 422, 503)),
    "POST /api/characters": (
        {202: library.CharacterAccepted},
        (400, 403, 409, 413, 415, 422, 503),
    ),
    "GET /api/characters": ({200: library.CharacterPage}, (403, 404, 422, 503)),
    "GET /api/characters/{character_id}": ({200: library.Character}, (403, 404, 503)),
    "GET /api/characters/{character_id}/generation-status": (
        {200: library.Generation},
        (403, 404, 503),
    ),
    "POST /api/stories": ({202: library.StoryAccepted}, (400, 403, 409, 413, 415, 422, 503)),
    "GET /api/stories": ({200: library.StoryPage}, (403, 404, 422, 503)),
    "GET /api/stories/{story_id}": ({200: library.Story}, (403, 404, 503)),
    "GET /api/queues": ({200: system.Queues}, (403, 503)),
    "GET /api/workers": ({200: system.Workers}, (403, 503)),
    "GET /api/counts": ({200: system.Counts}, (403, 422, 503)),
    "GET /api/throughput": ({200: system.Throughput}, (403, 503)),
    "GET /healthz": ({200: system.Alive}, (403,)),
    "GET /readyz": ({200: system.Ready, 503: system.Ready}, (403,)),
    "GET /metrics": ({200: TEXT}, (403, 503)),
}
# What starts one job for each key.
KEYED = frozenset({"POST /api/jobs", "POST /api/characters", "POST /api/stories"})
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same request with the same key starts one job.",
    "schema": {"type": "string", "maxLength": KEY_CHARACTERS},
}
_BODIES = {body for good, _ in OPERATIONS.values() for body in good.values()}
MODELS = [body for body in _BODIES if isinstance(body, type)]
MODELS += [shapes.Problem, library.CharacterForm]


class Described(OpenAPIProvider):
    """What quart-schema finds out by itself, completed."""

    def schema(self) -> JsonDict:
        """The whole document."""
        document: JsonDict = super().schema()
        asked = [(model, "validation") for model in MODELS]
        _, found = models_json_schema(asked, ref_template=REFERENCE)  # type: ignore[arg-type]
        document["components"]["schemas"].update(found["$defs"])
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                _complete(f"{method.upper()} {path}", operation)
        return document

    def operation_id(self, method: str, path: str, func: Any) -> str:
        """A name that no other operation has."""
        return re.sub(r"\W+", "_", f"{method.lower()}{path}").strip("_")


def _complete(name: str, operation: JsonDict) -> None:
    operation["responses"] = _answers(name)
    for parameter in operation["parameters"]:
        if parameter["in"] == "query":
            parameter["schema"] = _without_null(parameter["schema"])
    if name in KEYED:
        operation["parameters"] = [*operation["parameters"], KEY]
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
    if name == "POST /api/characters":
        form = _content(library.CharacterForm, MULTIPART)
        operation["requestBody"]["content"].update(form)


def _answers(name: str) -> JsonDict:
    good, bad = OPERATIONS[name]
    if " /api/" in name:
        bad = tuple(sorted({*bad, HTTPStatus.UNPROCESSABLE_ENTITY}))  # a name that is not known
    answers = {str(code): _answer(code, body) for code, body in good.items()}
    for code in bad:
        answers[str(code)] = _answer(code, shapes.Problem, PROBLEM)
    return answers


def _answer(code: int, body: Body, media_type: str = JSON) -> JsonDict:
    said = (isinstance(body, type) and body.__doc__) or HTTPStatus(code).phrase
    if media_type == PROBLEM:
        said = HTTPStatus(code).phrase
    answer: JsonDict = {"description": said}
    if body is not None:
        answer["content"] = _content(body, media_type)
    return answer


def _content(body: type[BaseModel] | str, media_type: str) -> JsonDict:
    if isinstance(body, str):
        return {body: {"schema": {} if body in {ANY, JSON} else {"type": "string"}}}
    return {media_type: {"schema": {"$ref": REFERENCE.format(model=body.__name__)}}}


def _without_null(schema: JsonDict) -> JsonDict:
    """A query has no null: what may be null may be left out."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    rest = {key: value for key, value in schema.items() if key not in {"anyOf", "default"}}
    return {**rest, **kinds[0]}
