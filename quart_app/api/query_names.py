"""The names in an address' query: those that its route declares, and no others.

A name that is misspelt would narrow nothing, and show, wait for or delete something else than what
was meant.
"""

from __future__ import annotations

from quart import current_app, request
from quart_schema.validation import QUART_SCHEMA_QUERYSTRING_ATTRIBUTE

from jobs.errors import BadParameters

# What libraries append to any address by themselves: jQuery, against caches.
APPENDED = frozenset({"_"})


def refuse_unknown_names() -> None:
    """Raises BadParameters, which says what names there are. For the API's routes only."""
    if not request.args or request.endpoint is None or not request.path.startswith("/api/"):
        return
    view = current_app.view_functions[request.endpoint]
    declared = getattr(view, QUART_SCHEMA_QUERYSTRING_ATTRIBUTE, None)
    known = sorted(declared.model_fields) if declared else []
    unknown = sorted(request.args.keys() - known - APPENDED)
    if unknown:
        there_are = f"there are {', '.join(known)}" if known else "this address takes none"
        raise BadParameters(dict.fromkeys(unknown, f"There is nothing of this name: {there_are}."))
