"""The API: JSON in, JSON out, by the names that scripts rely on."""

from __future__ import annotations

from quart import Quart, current_app, request
from quart_schema.validation import QUART_SCHEMA_QUERYSTRING_ATTRIBUTE

from quart_app.api import bulk, events, history, jobs, log, system
from quart_app.door.request_parsing import names_in, refuse_unknown

# What libraries append to any address by themselves: jQuery, against caches.
APPENDED = frozenset({"_"})


def add_api(app: Quart) -> None:
    """Give the app its API."""

    app.before_request(refuse_unknown_names)
    for noun in (jobs, history, log, bulk, events, system):
        app.register_blueprint(noun.api)


async def refuse_unknown_names() -> None:
    """Raises BadParameters for a name in a query that its route does not declare."""
    if not request.args or request.endpoint is None or not request.path.startswith("/api/"):
        return
    view = current_app.view_functions[request.endpoint]
    declared = getattr(view, QUART_SCHEMA_QUERYSTRING_ATTRIBUTE, None)
    refuse_unknown(request.args.keys() - APPENDED, names_in(declared) if declared else ())
