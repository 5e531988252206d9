"""A job's log as a file: whole, in order, and never all of it in memory."""

from __future__ import annotations

from quart_app.api.log import PAGE_LINES
from tests.support.app_server import Server
from tests.support.by_hand import Hand


async def test_the_whole_log_comes_as_a_text_file_in_pieces(server: Server, hand: Hand) -> None:
    lines = [f"line {number} of a very long log <b>é</b>" for number in range(3 * PAGE_LINES + 5)]
    record = hand.say(hand.start(hand.create()), *lines)

    reply = await server.get(f"/api/jobs/{record.id}/log.txt")

    assert reply.status_code == 200
    assert reply.text.splitlines() == lines
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert reply.headers["Content-Disposition"] == f'attachment; filename="log-{record.id}.txt"'


async def test_what_is_written_meanwhile_does_not_make_the_file_endless(
    server: Server, hand: Hand
) -> None:
    lines = ["the same"] * 3 * PAGE_LINES
    record = hand.say(hand.start(hand.create()), *lines)

    async with server.client.stream("GET", f"/api/jobs/{record.id}/log.txt") as reply:
        hand.say(record, "four", "five")
        text = (await reply.aread()).decode()

    assert text.splitlines() == lines


async def test_a_job_without_a_log_has_an_empty_file_and_no_job_has_none(
    server: Server, hand: Hand
) -> None:
    record = hand.create()

    assert (await server.get(f"/api/jobs/{record.id}/log.txt")).text == ""
    assert (await server.client.head(f"/api/jobs/{record.id}/log.txt")).status_code == 200
    assert (await server.get("/api/jobs/nobody/log.txt")).status_code == 404
