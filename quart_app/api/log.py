"""The API of a job's log: some of its lines, or all of them as a text file.

The file goes out in pieces: no log is too long for the memory it takes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from quart import Blueprint, Response, request
from quart_schema import tag, validate_querystring

from headway.model.record import JsonDict, Record, dumps
from headway.store import Reader
from quart_app.access import gate
from quart_app.api import system_models
from quart_app.api.openapi import TEXT, answers
from quart_app.api.request_models import LogQuery
from quart_app.door.responses import as_file, json_reply, nothing
from quart_app.paging import PAGE_BYTES, within
from quart_app.services import services

# Lines that are read from the store at a time, of the file and of an answer.
PAGE_LINES = 1000
READ_LINES = 250

api = Blueprint("api_log", __name__, url_prefix="/api")


@api.get("/jobs/<job_id>/log")
@tag(["jobs"])
@answers({200: system_models.LogLines}, 404, 503)
@validate_querystring(LogQuery)
async def log(job_id: str, query_args: LogQuery) -> Response:
    """Log lines with a number above `after`; fewer than `limit` where they are long."""
    record = await gate().job_as_event(job_id)
    found = await _lines(record.id, query_args.after, query_args.limit)
    lines = found[: within(PAGE_BYTES, [dumps(line) for line in found])]
    return json_reply(
        {
            "job_id": job_id,
            "lines": lines,
            "log_lines": record.log_lines,
            "open_lines": record.open_lines,
        }
    )


async def _lines(job_id: str, after: int, most: int) -> list[JsonDict]:
    """So many lines, or as many as are certainly too long for one answer."""
    found: list[JsonDict] = []
    length = 0
    while len(found) < most and length < PAGE_BYTES:
        more = min(READ_LINES, most - len(found))
        lines = await services().reader.log(job_id, after=after, most=more)
        if not lines:
            break
        found += lines
        length += sum(len(line["text"]) for line in lines)
        after = lines[-1]["number"]
    return found


@api.get("/jobs/<job_id>/log.txt")
@tag(["jobs"])
@answers({200: TEXT}, 404, 503)
async def whole(job_id: str) -> Response:
    """The log as a file: as many lines as it has now, each as it was written."""
    record = await gate().job_as_event(job_id)
    pieces = nothing() if request.method == "HEAD" else _pieces(services().reader, record)
    response = Response(pieces, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = as_file(f"log-{record.id}.txt")
    response.headers["Cache-Control"] = "no-store"
    response.timeout = None  # a long log on a slow line takes longer than Quart would wait
    return response


async def _pieces(reader: Reader, record: Record) -> AsyncIterator[bytes]:
    known, last = 0, record.log_lines
    while known < last:
        lines = await reader.log(record.id, after=known, most=min(PAGE_LINES, last - known))
        if not lines:
            return
        known = lines[-1]["number"]
        yield "".join(f"{line['text']}\n" for line in lines).encode()
