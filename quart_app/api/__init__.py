"""The API: JSON in, JSON out, by the names that scripts rely on."""

from __future__ import annotations

from quart import Quart

from quart_app.api import bulk, events, history, jobs, log, system
from quart_app.api.query_names import refuse_unknown_names


def add_api(app: Quart) -> None:
    """Give the app its API."""

    @app.before_request
    async def known_names() -> None:
        refuse_unknown_names()

    for noun in (jobs, history, log, bulk, events, system):
        app.register_blueprint(noun.api)
