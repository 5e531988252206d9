"""A line that has not ended yet shows at once, as one line that changes."""

from __future__ import annotations

from pathlib import Path

from headway.settings import Settings
from tests.support import behind
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.sse_client import listening
from tests.support.waiting import eventually
from tests.support.worker_process import run, start, submit, work, working


def open_of(hand: Hand, job_id: str) -> list[tuple[str, str]]:
    """The lines of a job's that have not ended: stream and text."""
    return [(line["stream"], line["text"]) for line in hand.store.job(job_id).open_lines]


def test_a_bar_is_one_line_that_changes_and_ends_in_the_log(
    store: Settings, hand: Hand, tmp_path: Path
) -> None:
    record = submit(hand, "toy.loud_draw_bars", gate=str(tmp_path / "gate"), passed="")

    with working(store):
        eventually(lambda: open_of(hand, record.id) == [("stderr", " 10%|█         |")])
        (tmp_path / "gate1").touch()
        half, asked = ("stderr", " 50%|█████     |"), ("stdout", "Are you sure? ")
        eventually(lambda: open_of(hand, record.id) == [asked, half])
        during = behind.log_of(store, record.id)
        (tmp_path / "gate2").touch()
        eventually(lambda: hand.store.job(record.id).final)

    assert during == ["beside"]
    ended = hand.store.job(record.id)
    assert (ended.open_lines, ended.log_lines) == ([], 3)
    assert behind.log_of(store, record.id) == ["beside", "Are you sure? yes", "100%|██████████|"]


def test_a_bar_of_tqdm_reports_and_is_one_line_of_the_log(store: Settings, hand: Hand) -> None:
    ended = run(hand, store, "toy.loud_tqdm")

    assert (ended.message, ended.log_lines, ended.open_lines) == ("Reading", 1, [])
    assert behind.log_of(store, ended.id)[0].startswith("Reading: 100%|")


def test_the_last_state_of_a_bar_is_kept_when_job_and_worker_are_killed(
    store: Settings, hand: Hand
) -> None:
    record = submit(hand, "toy.loud_draw_and_die")

    process = start(store, work, "toys", True)
    process.join(30)

    eventually(lambda: behind.log_of(store, record.id) == [" 10%|█         |"])
    assert hand.store.job(record.id).open_lines == []


def test_the_next_attempt_begins_without_the_lines_of_the_last(hand: Hand) -> None:
    record = hand.start(hand.create())
    line = {"stream": "stdout", "at": record.created_at, "text": "x"}

    hand.change(record, open_lines=[line])

    assert hand.store.job(record.id).open_lines == [line]
    failed = hand.fail(hand.store.job(record.id))
    again = hand.client.retry(failed.id)
    assert again.open_lines == []


async def test_a_stream_carries_the_line_as_it_is_and_a_client_that_returns_gets_the_newest(
    server: Server, hand: Hand
) -> None:
    record = hand.start(hand.create())
    at = record.created_at
    lines = [{"stream": "stderr", "at": at, "text": f"{share}%"} for share in (10, 50, 90)]
    record = hand.change(record, open_lines=lines[:1])
    path = f"/api/jobs/{record.id}/events?log=1"

    async with listening(server, path) as stream:
        first = await stream.next("job")
        record = hand.change(record, open_lines=lines[1:2])
        second = await stream.next("job")
    record = hand.change(record, open_lines=lines[2:])
    async with listening(server, path, last_event_id=second.id) as stream:
        third = await stream.next("job")
        ended = [(1, at, "100%", "stderr")]
        hand.change(record, open_lines=[], lines=ended, log_lines=1)
        whole, last = await stream.next("log"), await stream.next("job")

    assert [got.data["open_lines"] for got in (first, second, third)] == [[each] for each in lines]
    assert (whole.data["lines"], last.data["open_lines"]) == (["100%"], [])


async def test_the_api_has_it_beside_the_lines(server: Server, hand: Hand) -> None:
    record = hand.say(hand.start(hand.create()), "one")
    line = {"stream": "stdout", "at": record.created_at, "text": " 42%"}
    hand.change(record, open_lines=[line])

    async def answered() -> bool:
        log = (await server.get(f"/api/jobs/{record.id}/log")).json()
        return [each["text"] for each in log["lines"]] == ["one"] and log["open_lines"] == [line]

    assert await answered()
    assert (await server.get(f"/api/jobs/{record.id}")).json()["open_lines"] == [line]
    assert (await server.get(f"/api/jobs/{record.id}/log.txt")).text == "one\n"
