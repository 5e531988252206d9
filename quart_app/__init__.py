"""Headway's web side: pages, API and streams over the store."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from quart import Quart, Response, request
from quart_schema import QuartSchema

from headway.kinds.registry import load_kinds
from headway.model.record import id_in
from headway.settings import Settings, load_settings
from quart_app.api import add_api
from quart_app.api.openapi import Described
from quart_app.door.asgi import door
from quart_app.door.errors import add_error_handlers, answer
from quart_app.door.origin import refusal
from quart_app.door.request_parsing import request_class
from quart_app.door.responses import Reply
from quart_app.guests import add_guests, load_guests
from quart_app.pages import add_pages
from quart_app.pages.scripts import BOOT_HASH
from quart_app.server.mounted import Mounted, Served
from quart_app.services import EXTENSION, lifespan

_HERE = Path(__file__).parent
# In a wheel they are within the package, in a checkout beside it.
TEMPLATES = next(
    folder for folder in (_HERE / "templates", _HERE.parent / "templates") if folder.is_dir()
)

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; script-src 'self' {BOOT_HASH}; style-src 'self'; connect-src 'self'; "
        "img-src 'self' blob: data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def create_app(settings: Settings | None = None) -> Quart:
    """The ASGI app; its parts open when the server starts and close when it ends."""
    settings = settings or load_settings()
    guests = load_guests(load_kinds(settings.kind_modules, examples=settings.examples))
    app = Quart(__name__, template_folder=str(TEMPLATES))
    # An address with an empty part, as a script makes of an unset variable, is a 404 of ours.
    app.url_map.merge_slashes = False
    app.request_class = request_class(
        settings, {path for guest in guests for path in guest.uploads}
    )
    app.response_class = Reply
    # Quart would let a browser keep scripts for twelve hours, and after an upgrade a new page would
    # run old ones, or some of each. Asked each time, an unchanged file costs a 304.
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 0
    QuartSchema(
        app,
        openapi_path="/openapi.json",
        openapi_provider_class=Described,
        swagger_ui_path=None,
        redoc_ui_path=None,
        scalar_ui_path=None,
        info={"title": "Headway", "version": "0.1.0"},
    )
    _guard(app, settings)
    add_error_handlers(app)
    add_api(app)
    add_pages(app)
    add_guests(app, guests)

    @app.url_value_preprocessor
    def read_ids(_: str | None, values: dict[str, Any] | None) -> None:
        if values and "job_id" in values:
            values["job_id"] = id_in(values["job_id"])

    tables = [statement for guest in guests for statement in guest.tables]

    @app.while_serving
    async def parts() -> AsyncGenerator[None, None]:
        async with lifespan(settings, tables) as opened:
            app.extensions[EXTENSION] = opened
            yield

    return app


def headway_app(settings: Settings | None = None) -> Mounted:
    """Headway to be mounted in another ASGI app; `docs/operating.md` says how.

    Raises BadSetting.
    """
    said = settings or load_settings()

    def make() -> tuple[Quart, Served]:
        app = create_app(said)
        return app, door(app, said.url_prefix)

    return Mounted(said, make)


def _guard(app: Quart, settings: Settings) -> None:
    @app.before_request
    async def let_in() -> Response | None:
        reason = refusal(request, settings)
        return await answer(HTTPStatus.FORBIDDEN, reason) if reason else None

    @app.after_request
    async def secure(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        return response
