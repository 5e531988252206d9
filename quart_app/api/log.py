"""A job's whole log as a text file, in pieces: no log is too long for the memory it takes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from quart import Blueprint, Response, request
from quart_schema import document_response, tag

from quart_app.api import shapes
from quart_app.desk import Desk, desk
from quart_app.replies import nothing

# Lines read from the store at a time.
PAGE_LINES = 1000

api = Blueprint("api_log", __name__, url_prefix="/api")


@api.get("/jobs/<job_id>/log.txt")
@tag(["jobs"])
@document_response(shapes.Problem, 404)
async def whole(job_id: str) -> Response:
    """The log as a file: as many lines as it has now, each as it was written."""
    here = desk()
    record = await here.job(job_id)
    pieces = nothing() if request.method == "HEAD" else _pieces(here, job_id, record.log_lines)
    response = Response(pieces, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="log-{record.id}.txt"'
    response.headers["Cache-Control"] = "no-store"
    response.timeout = None  # a long log on a slow line takes longer than Quart would wait
    return response


async def _pieces(here: Desk, job_id: str, last: int) -> AsyncIterator[bytes]:
    known = 0
    while known < last:
        lines = await here.log(job_id, after=known, most=min(PAGE_LINES, last - known))
        if not lines:
            return
        known = lines[-1]["number"]
        yield "".join(f"{line['text']}\n" for line in lines).encode()
