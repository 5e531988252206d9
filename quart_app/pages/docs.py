"""The page at `/docs`: the OpenAPI document as plain reading. It adds nothing to the document."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup, escape
from quart import Blueprint, current_app, render_template

METHODS = ("get", "post", "put", "patch", "delete")

pages = Blueprint("docs", __name__)


@pages.get("/docs")
async def show() -> str:
    """Every route with its parameters, bodies and answers."""
    spec = current_app.extensions["QUART_SCHEMA"].openapi_provider.schema()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in spec.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                name = (operation.get("tags") or [_noun(path)])[0]
                groups.setdefault(name, []).append(_route(method, path, operation, spec))
    return await render_template(
        "docs.html",
        about=spec.get("info", {}).get("description", ""),
        groups=[{"name": name, "routes": routes} for name, routes in groups.items()],
    )


@pages.app_template_filter("marked")
def marked(text: str) -> Markup:
    """A docstring's sentence, with its `names` set as code; anything else stays text."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # escaped


def _noun(path: str) -> str:
    parts = [part for part in path.split("/") if part and part != "api"]
    return parts[0] if parts else "pages"


def _route(
    method: str, path: str, operation: dict[str, Any], spec: dict[str, Any]
) -> dict[str, Any]:
    bodies = operation.get("requestBody", {}).get("content", {})
    return {
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": [_parameter(each) for each in operation.get("parameters", [])],
        "bodies": [
            {"media": media, "schema": _resolved(body.get("schema", {}), spec)}
            for media, body in bodies.items()
        ],
        "answers": [
            {"code": code, "description": answer.get("description", "")}
            for code, answer in sorted(operation.get("responses", {}).items())
        ],
    }


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    schema = parameter.get("schema", {})
    kinds = [schema, *schema.get("anyOf", [])]
    return {
        "name": parameter["name"],
        "place": parameter["in"],
        "required": parameter.get("required", False),
        "type": " or ".join(each["type"] for each in kinds if each.get("type")),
        "description": parameter.get("description") or schema.get("description", ""),
    }


def _resolved(schema: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref", "").rpartition("/")[2]
    found = spec.get("components", {}).get("schemas", {}).get(reference)
    return dict(found) if found else schema
