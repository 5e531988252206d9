"""The page of the last hour; other pages take their picture of it anew from here."""

from __future__ import annotations

from quart import Blueprint, render_template

from quart_app.pages.throughput_chart import draw
from quart_app.services import services

pages = Blueprint("last_hour", __name__)


@pages.get("/last-hour")
async def show() -> str:
    """The last hour by itself."""
    minutes = await services().status.last_hour.minutes()
    return await render_template("last_hour.html", nav="/", hour=draw(minutes))
