"""`/openapi.json`: quart-schema's description of the routes, completed by what they answer.

quart-schema's own decorators for answers know one shape for each good status, and no problems; and
`validate_response` would check each answer as it goes out, which makes a list of jobs slow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar, cast

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from quart import Quart
from quart_schema.openapi import OpenAPIProvider
from werkzeug.routing import Rule

from headway.model.record import JsonDict
from quart_app.addresses import base
from quart_app.api import response_models
from quart_app.door.errors import PROBLEM
from quart_app.door.request_parsing import KEY_CHARACTERS, MULTIPART

JSON, TEXT, ANY = "application/json", "text/plain", "application/octet-stream"
STREAM = "text/event-stream"
# Routes for programs that do not stand under `/api/`.
OUTSIDE_API = frozenset({"/healthz", "/readyz", "/metrics"})
PARAMETER = re.compile("<([a-z_]+)>")
REFERENCE = "#/components/schemas/{model}"

KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same request with the same key starts one job.",
    "schema": {"type": "string", "maxLength": KEY_CHARACTERS},
}

View = TypeVar("View", bound=Callable[..., Any])
# By this name a view keeps what it answers.
ANSWERS = "headway_answers"
# The shape of a body, the media type of one that has none, or None for no body.
Body = type[BaseModel] | str | None


class Operation(NamedTuple):
    """What a route answers: the body of each good status, and which problems.

    `keyed` when it starts one job for each `Idempotency-Key`; `form` is the shape of a multipart
    body that it takes beside JSON.
    """

    good: dict[int, Body]
    problems: tuple[int, ...]
    keyed: bool
    form: type[BaseModel] | None


def answers(
    good: dict[int, Body],
    *problems: int,
    keyed: bool = False,
    form: type[BaseModel] | None = None,
) -> Callable[[View], View]:
    """Say what a route answers: see Operation. Two problems go without saying.

    Any route refuses a foreign Host, and each of the API a name that its query does not have.
    """

    def describe(view: View) -> View:
        setattr(view, ANSWERS, Operation(good, (HTTPStatus.FORBIDDEN, *problems), keyed, form))
        return view

    return describe


class Described(OpenAPIProvider):
    """What quart-schema finds out by itself, completed."""

    def schema(self) -> JsonDict:
        """The whole document."""
        document: JsonDict = super().schema()
        if base():
            document["servers"] = [{"url": base()}]
        known = operations(cast("Quart", self._app))
        document["components"]["schemas"].update(_shapes(known.values()))
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                name = f"{method.upper()} {path}"
                _complete(operation, known[name], of_api=" /api/" in name)
        return document

    def generate_rules(self) -> Iterable[Rule]:
        """Every route for programs; pages are for people."""
        return filter(_is_for_programs, super().generate_rules())

    def operation_id(self, method: str, path: str, func: Any) -> str:
        """A name that no other operation has."""
        return re.sub(r"\W+", "_", f"{method.lower()}{path}").strip("_")


def operations(app: Quart) -> dict[str, Operation]:
    """Every operation of an app, by method and path, those of its guests among them."""
    found = {}
    for rule in filter(_is_for_programs, app.url_map.iter_rules()):
        path = PARAMETER.sub(r"{\1}", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found[f"{method} {path}"] = getattr(app.view_functions[rule.endpoint], ANSWERS)
    return found


def _is_for_programs(rule: Rule) -> bool:
    return rule.rule.startswith("/api/") or rule.rule in OUTSIDE_API


def _shapes(known: Iterable[Operation]) -> JsonDict:
    bodies = {body for each in known for body in (*each.good.values(), each.form)}
    models = [response_models.Problem, *(body for body in bodies if isinstance(body, type))]
    asked = [(model, "validation") for model in models]
    _, found = models_json_schema(asked, ref_template=REFERENCE)  # type: ignore[arg-type]
    schemas: JsonDict = found["$defs"]
    return schemas


def _complete(operation: JsonDict, known: Operation, *, of_api: bool) -> None:
    # Every route of the API refuses names in its query that it does not know.
    unknown_names = {HTTPStatus.UNPROCESSABLE_ENTITY} if of_api else set()
    operation["responses"] = {str(code): _answer(code, body) for code, body in known.good.items()}
    for code in sorted({*known.problems, *unknown_names}):
        operation["responses"][str(code)] = _answer(code, response_models.Problem, PROBLEM)
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
