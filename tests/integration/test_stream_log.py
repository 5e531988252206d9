"""A job's stream with its log, taken up again: no line is lost and none comes twice."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from headway.settings import Settings
from quart_app.live.stream import LOG_LINES
from tests.support import behind
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.sse_client import Got, listening
from tests.support.waiting import eventually_async


def log_of(job_id: str) -> str:
    """The address of a job's stream with its log."""
    return f"/api/jobs/{job_id}/events?log=1"


@dataclass
class Reader:
    """What a client has seen, over all its visits."""

    id: str = ""
    lines: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    def take(self, got: Got) -> None:
        """Take an event in."""
        self.id = got.id or self.id
        if got.name == "log":
            self.lines += got.data["lines"]
            self.numbers += range(got.data["from"], got.data["from"] + len(got.data["lines"]))
        if got.name == "job":
            self.states.append(got.data["status"])


async def test_a_client_goes_on_behind_the_last_line_wherever_it_was_cut_off(
    server: Server, hand: Hand
) -> None:
    lines = [f"line {number}" for number in range(4 * LOG_LINES - 1)]
    record = hand.finish(hand.say(hand.start(hand.create()), *lines))
    async with listening(server, log_of(record.id)) as stream:
        whole = await stream.rest()

    assert [got.name for got in whole] == ["log"] * 4 + ["job", "end"]
    for cut in range(1, 5):
        reader = Reader()
        for got in whole[:cut]:
            reader.take(got)
        async with listening(server, log_of(record.id), last_event_id=reader.id) as stream:
            for got in await stream.rest():
                reader.take(got)
        assert reader.lines == lines, f"cut off after {cut} events"
        assert reader.states == ["finished"]

    again = await server.get(log_of(record.id), headers={"Last-Event-ID": whole[-2].id})
    assert again.status_code == 204


async def test_a_client_that_left_while_the_job_ran_is_sent_the_lines_it_missed(
    server: Server, hand: Hand
) -> None:
    record, reader = hand.say(hand.start(hand.create()), "one", "two"), Reader()
    for missed in ("three", "four", "five"):
        async with listening(server, log_of(record.id), last_event_id=reader.id) as stream:
            while not reader.states or reader.numbers[-1:] != [record.log_lines]:
                reader.take(await stream.next())
        record = hand.say(record, missed)
    hand.finish(record)
    async with listening(server, log_of(record.id), last_event_id=reader.id) as stream:
        for got in await stream.rest():
            reader.take(got)

    assert reader.lines == ["one", "two", "three", "four", "five"]
    assert reader.states[-1] == "finished"


async def test_lines_are_told_by_their_numbers_where_some_between_are_not_kept(
    store: Settings, server: Server, hand: Hand
) -> None:
    record = hand.say(hand.start(hand.create()), *"abcdef")
    behind.run(store, "DELETE FROM log_lines WHERE number IN (3, 4)")
    hand.finish(record)
    reader = Reader()
    async with listening(server, log_of(record.id)) as stream:
        for got in await stream.rest():
            reader.take(got)

    assert dict(zip(reader.numbers, reader.lines, strict=True)) == {1: "a", 2: "b", 5: "e", 6: "f"}


@pytest.mark.parametrize("named", ["{epoch}:{seq}", "elsewhere:{seq}:2", "{epoch}:{beyond}:2"])
async def test_a_position_that_knows_no_line_of_this_log_gets_all_of_it(
    server: Server, hand: Hand, named: str
) -> None:
    record = hand.say(hand.start(hand.create()), "one", "two")
    position = named.format(epoch=hand.store.epoch, seq=record.seq, beyond=record.seq + 1000)
    hand.finish(record)
    await eventually_async(lambda: server.parts.relay.cursor == record.seq + 1)

    async with listening(server, log_of(record.id), last_event_id=position) as stream:
        got = (await stream.next()).data
        assert (got["from"], got["lines"]) == (1, ["one", "two"])


async def test_a_position_in_a_log_serves_a_stream_without_one(server: Server, hand: Hand) -> None:
    record = hand.finish(hand.say(hand.start(hand.create()), "one"))
    last = f"{hand.store.epoch}:{record.seq}:1"
    path = log_of(record.id).removesuffix("?log=1")

    assert (await server.get(path, params={"last_event_id": last})).status_code == 204
    async with listening(server, "/api/events", last_event_id=last) as stream:
        await stream.next("relay")
        newer = hand.create()
        assert (await stream.next("job", "snapshot")).data["id"] == newer.id


async def test_each_line_comes_with_its_time_and_its_stream(server: Server, hand: Hand) -> None:
    record, at = hand.start(hand.create()), "2026-01-31T12:00:00.000000Z"
    lines = [(1, at, "said", "stdout"), (2, at, "wrong", "stderr"), (3, at, "logged", None)]
    hand.change(record, lines=lines, log_lines=3)

    async with listening(server, log_of(record.id)) as stream:
        got = (await stream.next("log")).data
    answer = (await server.get(f"/api/jobs/{record.id}/log")).json()

    streams = ["stdout", "stderr", None]
    assert (got["at"], got["streams"]) == ([at] * 3, streams)
    assert [(line["at"], line["stream"]) for line in answer["lines"]] == [
        (at, stream) for stream in streams
    ]
