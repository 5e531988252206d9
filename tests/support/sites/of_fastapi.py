"""A site of FastAPI, which opens Headway as it starts."""

from __future__ import annotations

from fastapi import FastAPI

from quart_app import headway_app

headway = headway_app()
app = FastAPI(lifespan=headway.lifespan)
app.mount("/jobs", headway)


@app.get("/")
async def home() -> str:
    """The site's own page."""
    return "the site"
