"""The files that a job left, on its page: what is text and short can be read there."""

from __future__ import annotations

from headway.settings import Settings
from quart_app.pages.jobs import TEXT_BYTES
from tests.support.app_server import Server
from tests.support.by_hand import Hand, keep_artifact

FILES = {
    "notes.txt": b"one < two \xff",
    "long.txt": b"x" * (TEXT_BYTES + 1),
    "dot.png": b"\x89PNG\r\n\x1a\n",
    "notes.txt.gz": b"\x1f\x8b",
    "dot.png.gz": b"\x1f\x8b",
    "drawing.svg": b"<svg/>",
}


async def test_a_short_text_is_on_the_page_as_text_and_nothing_else_is(
    store: Settings, server: Server, hand: Hand
) -> None:
    record = hand.start(hand.create())
    kept = tuple(keep_artifact(store, record.id, name, data) for name, data in FILES.items())
    hand.attach(record, *kept)

    page = (await server.get(f"/jobs/{record.id}")).text

    assert '<pre class="data" tabindex="0">one &lt; two \ufffd</pre>' in page
    assert "xxxx" not in page
    assert page.count("Show it here") == 1
    assert page.count("<img") == 1


async def test_a_text_that_is_gone_leaves_its_name(
    store: Settings, server: Server, hand: Hand
) -> None:
    record = hand.start(hand.create())
    kept = keep_artifact(store, record.id, "notes.txt", b"soon gone")
    hand.attach(record, kept)
    (store.data_dir / "artifacts" / record.id / "notes.txt").unlink()

    page = await server.get(f"/jobs/{record.id}")

    assert page.status_code == 200
    assert "notes.txt" in page.text
