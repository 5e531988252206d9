"""The names in an address' query: those that its route declares, and no others."""

from __future__ import annotations

from quart import current_app, request
from quart_schema.validation import QUART_SCHEMA_QUERYSTRING_ATTRIBUTE

from quart_app.door.bodies import names_in, refuse_unknown

# What libraries append to any address by themselves: jQuery, against caches.
APPENDED = frozenset({"_"})


def refuse_unknown_names() -> None:
    """Raises BadParameters, which says what names there are. For the API's routes only."""
    if not request.args or request.endpoint is None or not request.path.startswith("/api/"):
        return
    view = current_app.view_functions[request.endpoint]
    declared = getattr(view, QUART_SCHEMA_QUERYSTRING_ATTRIBUTE, None)
    refuse_unknown(request.args.keys() - APPENDED, names_in(declared) if declared else ())
