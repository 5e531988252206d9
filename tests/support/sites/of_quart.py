"""A site of Quart, behind Hypercorn's dispatcher."""

from __future__ import annotations

from hypercorn.middleware import DispatcherMiddleware
from quart import Quart

from quart_app import headway_app

site = Quart(__name__)


@site.get("/")
async def home() -> str:
    """The site's own page."""
    return "the site"


app = DispatcherMiddleware({"/jobs": headway_app(), "": site})
