"""`/openapi.json`: quart-schema's description of the routes, completed by what they answer.

Each operation has one line in OPERATIONS; pages for people are not described.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from quart_schema.openapi import OpenAPIProvider
from werkzeug.routing import Rule

from headway.model.record import JsonDict
from quart_app.api import shapes
from quart_app.api import system_shapes as system
from quart_app.door.errors import PROBLEM
from quart_app.door.limits import MULTIPART
from quart_app.door.request_parsing import KEY_CHARACTERS
from quart_app.guests import Body, Operation, guests

JSON, TEXT, ANY = "application/json", "text/plain", "application/octet-stream"
STREAM = "text/event-stream"
# Routes for programs that do not stand under `/api/`.
OUTSIDE_API = frozenset({"/healthz", "/readyz", "/metrics"})
REFERENCE = "#/components/schemas/{model}"

# By method and path.
OPERATIONS = {
    "GET /api/kinds": Operation({200: system.Kinds}, (403,)),
    "POST /api/jobs": Operation(
        {202: shapes.Job}, (400, 403, 404, 409, 413, 415, 422, 503), keyed=True
    ),
    "GET /api/jobs": Operation({200: shapes.JobPage}, (403, 404, 422, 503)),
    "POST /api/jobs/bulk": Operation({200: shapes.BulkAnswer}, (400, 403, 409, 413, 415, 422, 503)),
    "GET /api/jobs/{job_id}": Operation({200: shapes.Job, 304: None}, (403, 404, 422, 503)),
    "DELETE /api/jobs/{job_id}": Operation({204: None}, (403, 404, 409, 503)),
    "POST /api/jobs/{job_id}/stop": Operation({202: shapes.Job}, (403, 404, 409, 503)),
    "POST /api/jobs/{job_id}/retry": Operation({202: shapes.Job}, (403, 404, 409, 503)),
    "GET /api/jobs/{job_id}/attempts": Operation({200: system.Attempts}, (403, 404, 503)),
    "GET /api/jobs/{job_id}/timeline": Operation({200: system.Timeline}, (403, 404, 503)),
    "GET /api/jobs/{job_id}/log": Operation({200: system.LogLines}, (403, 404, 422, 503)),
    "GET /api/jobs/{job_id}/log.txt": Operation({200: TEXT}, (403, 404, 503)),
    "GET /api/jobs/{job_id}/result": Operation({200: JSON}, (403, 404, 503)),
    "GET /api/jobs/{job_id}/artifacts": Operation({200: system.Artifacts}, (403, 404, 422, 503)),
    "GET /api/jobs/{job_id}/artifacts/{name}": Operation(
        {200: ANY, 206: ANY, 304: None, 412: None},
        (403, 404, 416, 503),
    ),
    "GET /api/jobs/{job_id}/events": Operation({200: STREAM, 204: None}, (403, 404, 503)),
    "GET /api/events": Operation({200: STREAM}, (403, 422, 503)),
    "GET /api/queues": Operation({200: system.Queues}, (403, 503)),
    "GET /api/workers": Operation({200: system.Workers}, (403, 503)),
    "GET /api/counts": Operation({200: system.Counts}, (403, 422, 503)),
    "GET /api/throughput": Operation({200: system.Throughput}, (403, 503)),
    "GET /healthz": Operation({200: system.Alive}, (403,)),
    "GET /readyz": Operation({200: system.Ready, 503: system.Ready}, (403,)),
    "GET /metrics": Operation({200: TEXT}, (403, 503)),
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same request with the same key starts one job.",
    "schema": {"type": "string", "maxLength": KEY_CHARACTERS},
}


class Described(OpenAPIProvider):
    """What quart-schema finds out by itself, completed."""

    def schema(self) -> JsonDict:
        """The whole document."""
        document: JsonDict = super().schema()
        known = operations()
        document["components"]["schemas"].update(_shapes(known.values()))
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                name = f"{method.upper()} {path}"
                _complete(operation, known[name], of_api=" /api/" in name)
        return document

    def generate_rules(self) -> Iterable[Rule]:
        """Every route for programs; pages are for people."""
        for rule in super().generate_rules():
            if rule.rule.startswith("/api/") or rule.rule in OUTSIDE_API:
                yield rule

    def operation_id(self, method: str, path: str, func: Any) -> str:
        """A name that no other operation has."""
        return re.sub(r"\W+", "_", f"{method.lower()}{path}").strip("_")


def operations() -> dict[str, Operation]:
    """Every operation of this app, by method and path, those of its guests among them."""
    return OPERATIONS | {
        name: operation for guest in guests() for name, operation in guest.operations.items()
    }


def _shapes(known: Iterable[Operation]) -> JsonDict:
    bodies = {body for each in known for body in (*each.good.values(), each.form)}
    models = [shapes.Problem, *(body for body in bodies if isinstance(body, type))]
    asked = [(model, "validation") for model in models]
    _, found = models_json_schema(asked, ref_template=REFERENCE)  # type: ignore[arg-type]
    schemas: JsonDict = found["$defs"]
    return schemas


def _complete(operation: JsonDict, known: Operation, *, of_api: bool) -> None:
    # Every route of the API refuses names in its query that it does not know.
    unknown_names = {HTTPStatus.UNPROCESSABLE_ENTITY} if of_api else set()
    operation["responses"] = {str(code): _answer(code, body) for code, body in known.good.items()}
    for code in sorted({*known.problems, *unknown_names}):
        operation["responses"][str(code)] = _answer(code, shapes.Problem, PROBLEM)
    for parameter in operation["parameters"]:
        if parameter["in"] == "query":
            parameter["schema"] = _without_null(parameter["schema"])
    if known.keyed:
        operation["parameters"] = [*operation["parameters"], KEY]
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
    if known.form is not None:
        operation["requestBody"]["content"].update(_content(known.form, MULTIPART))


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
