"""A site of Starlette, in which Headway opens with the first request."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from quart_app import headway_app


async def home(_: Request) -> Response:
    """The site's own page."""
    return PlainTextResponse("the site")


app = Starlette(routes=[Route("/", home), Mount("/jobs", headway_app())])
