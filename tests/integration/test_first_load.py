"""How much a browser loads before it can show the dashboard, in the fullest hour there is."""

from __future__ import annotations

import re
import time

from headway.model.record import Record, Status, as_time
from headway.settings import Settings
from quart_app.live.last_hour import MINUTE, MINUTES_SHOWN
from quart_app.pages.dashboard import PAGE_ROWS
from tests.support.app_server import Server, serving
from tests.support.by_hand import Hand, a_record

# Uncompressed, in bytes.
FIRST_LOAD_BYTES = 60_000
ELEMENT_BYTES = 4_000


async def test_the_dashboard_is_one_page_one_style_and_one_script_of_sixty_kilobytes(
    store: Settings, hand: Hand
) -> None:
    for minutes in range(MINUTES_SHOWN):
        hand.store.create(ended(minutes))
        hand.store.create(ended(minutes, failed=True))
    for number in range(4):
        hand.heartbeat(
            f"a-machine-4711-{number:x}f3e", queue="character_generation", memory_bytes=7e7
        )

    async with serving(store) as server:
        page = (await server.get("/")).text
        parts = re.findall(r'(?:rel="stylesheet" href|script type="module" src)="([^"]+)"', page)
        files = [await server.get(part) for part in parts]

    assert len(files) == 2
    assert len(re.findall('class="job"', page)) == PAGE_ROWS + 1, "the rows, and one to copy"
    assert len(re.findall("<tr><th", page)) >= MINUTES_SHOWN
    sizes = [len(page.encode()), *[len(file.content) for file in files]]
    assert sum(sizes) < FIRST_LOAD_BYTES, sizes


def ended(minutes: int, *, failed: bool = False) -> Record:
    """A job that ended so many minutes ago."""
    at = time.time() - MINUTE * minutes
    return a_record(
        kind="customers.import",
        title=f"Import customers-{minutes}.csv",
        message="Writing customers.csv: 11,999 of 12,000",
        status=Status.FAILED if failed else Status.FINISHED,
        progress=63.0 if failed else 100.0,
        created_at=as_time(at - 300),
        started_at=as_time(at - 200 + minutes),
        ended_at=as_time(at),
    )


async def test_the_element_for_other_pages_is_small(server: Server) -> None:
    assert len((await server.get("/static/job-progress.js")).content) < ELEMENT_BYTES


async def test_a_script_is_asked_for_again_each_time_and_sent_once(server: Server) -> None:
    first = await server.get("/static/headway.js")
    again = await server.get("/static/headway.js", headers={"If-None-Match": first.headers["etag"]})

    assert "max-age=0" in first.headers["cache-control"]
    assert (again.status_code, again.content) == (304, b"")
