"""The order of lists, and pages of them that go on where they ended whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from headway.model.record import Failure, Record, Status
from headway.store import JobFilter, Reader
from headway.store.lists import newest
from headway.store.overview import QUEUES
from tests.support import behind
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH
from tests.support.sse_client import listening

RETRIED = frozenset({Status.FAILED})


def of(*states: str, q: str | None = None) -> JobFilter:
    """A list of these states."""
    return JobFilter(status=frozenset(states), q=q)


def failures(hand: Hand, count: int) -> list[Record]:
    """Jobs that began one after the other, and failed in the other order."""
    started = [hand.start(hand.create(title="Import")) for _ in range(count)]
    return [hand.fail(record) for record in reversed(started)]


async def listed(reader: Reader, wanted: JobFilter, **more: str | int | None) -> list[str]:
    """The ids that a list shows."""
    found = await reader.newest(wanted, **more)  # type: ignore[arg-type]
    return [record.id for record in found.records]


@ON_BOTH
async def test_what_came_into_a_state_last_is_the_newest_of_it(hand: Hand, reader: Reader) -> None:
    waiting = [hand.create().id for _ in range(3)]
    failed = failures(hand, 3)
    last = hand.start(hand.create(title="Import"))
    second = hand.start(hand.create(title="Import"))
    hand.finish(second)
    hand.finish(last)
    started = [hand.create() for _ in range(2)]
    started = [hand.start(record) for record in reversed(started)]

    by_end = [last.id, second.id, *(record.id for record in reversed(failed))]
    assert await listed(reader, of("failed")) == by_end[2:]
    assert await listed(reader, of("finished")) == by_end[:2]
    assert await listed(reader, of("failed", "finished")) == by_end
    assert await listed(reader, of("failed", "finished", q="impo")) == by_end
    assert await listed(reader, of("failed", q="im")) == by_end[2:]
    assert await listed(reader, of("started")) == [record.id for record in reversed(started)]
    assert await listed(reader, of("queued")) == waiting[::-1]
    everything = [record.created_at for record in (await reader.newest(JobFilter())).records]
    assert everything == sorted(everything, reverse=True), "newest first"


def fails_again(hand: Hand, record: Record) -> None:
    """Its next attempt fails as well."""
    following = hand.store.next_attempt(record, RETRIED)
    assert following is not None
    hand.fail(hand.start(following))


LEAVES: dict[str, Callable[[Hand, Record], object]] = {
    "stays": lambda _, record: record,
    "is tried again": lambda hand, record: hand.store.next_attempt(record, RETRIED),
    "is deleted": lambda hand, record: hand.delete(record),
    "fails again": fails_again,
}


@ON_BOTH
@pytest.mark.parametrize("wanted", [of("failed"), of("failed", "finished"), of("failed", q="Imp")])
@pytest.mark.parametrize("what", LEAVES)
async def test_a_page_goes_on_below_a_job_whatever_became_of_it(
    hand: Hand, reader: Reader, wanted: JobFilter, what: str
) -> None:
    newest_first = failures(hand, 5)[::-1]
    last_shown, below = newest_first[1], [record.id for record in newest_first[2:]]

    LEAVES[what](hand, last_shown)

    as_of = await listed(reader, wanted, before=last_shown.id, at=last_shown.ended_at)
    assert as_of == below
    if what != "fails again":  # by its id alone it is where it is now
        assert await listed(reader, wanted, before=last_shown.id) == below


@ON_BOTH
async def test_a_page_of_started_jobs_goes_on_below_one_that_ended(
    hand: Hand, reader: Reader
) -> None:
    oldest, middle, newest_one = (hand.start(hand.create()) for _ in range(3))
    assert await listed(reader, of("started"), most=2) == [newest_one.id, middle.id]

    hand.fail(middle)

    assert await listed(reader, of("started"), before=middle.id) == [oldest.id]


@ON_BOTH
async def test_a_page_goes_on_below_a_job_that_went_on_to_another_state(
    hand: Hand, reader: Reader
) -> None:
    for state, move in (
        ("queued", hand.start),
        ("queued", lambda record: hand.delete(hand.finish(hand.start(record)))),
        ("started", lambda record: hand.delete(hand.finish(record))),
    ):
        records = [hand.create() for _ in range(4)]
        if state == "started":
            records = [hand.start(record) for record in records]
        oldest, older, last_shown, _newest = records

        move(last_shown)

        below = await listed(reader, of(state), before=last_shown.id, most=2)
        assert below == [older.id, oldest.id], (state, move)


async def test_the_api_and_the_page_lead_on_without_repeats_or_gaps(
    server: Server, hand: Hand
) -> None:
    newest_first = [record.id for record in reversed(failures(hand, 45))]
    records = {job_id: hand.store.job(job_id) for job_id in newest_first}

    shown, path = [], "/api/jobs?status=failed&status=finished&limit=20"
    while path:
        page = (await server.get(path)).json()
        shown += [job["id"] for job in page["jobs"]]
        path = page["next"]
        if path:
            fails_again(hand, records[shown[-2]])
            fails_again(hand, records[shown[-1]])

    assert shown == newest_first
    first = (await server.get("/?status=failed")).text
    assert f'data-id="{shown[39]}"' in first, "the last one that failed again"


async def test_a_moment_that_is_none_is_refused(server: Server) -> None:
    for address in ("/api/jobs", "/"):
        reply = await server.get(f"{address}?status=failed&before=x&at=yesterday")

        assert reply.status_code == 422
        assert "at" in reply.text


async def test_a_snapshot_of_a_state_is_in_its_order(server: Server, hand: Hand) -> None:
    newest_first = [record.id for record in reversed(failures(hand, 3))]

    async with listening(server, "/api/events?status=failed") as stream:
        snapshot = (await stream.next("snapshot")).data

    assert [job["id"] for job in snapshot["jobs"]] == newest_first


def test_each_plain_list_is_read_along_an_index(hand: Hand) -> None:
    for wanted in (
        of(),
        of("failed"),
        of("failed", "finished"),
        JobFilter(kind="a"),
        JobFilter(queue="a"),
    ):
        for below, as_of in ((False, False), (True, False), (True, True)):
            text = newest(wanted, indexed=False, below=below, as_of=as_of).sqlite
            values = wanted.parameters() | {"most": 20, "before": "x", "at": "y"}

            plan = behind.plan(hand.settings, text, values)

            assert "SCAN jobs" not in plan, (wanted, below, as_of)
            # The rows of a page, and of several states one page each, are all that is sorted.
            sorts = 2 if len(wanted.status) > 1 else 1
            assert plan.count("USE TEMP B-TREE FOR ORDER BY") == sorts, (wanted, below, as_of)


def test_the_queues_are_read_from_what_waits_and_runs_alone(hand: Hand) -> None:
    plan = behind.plan(hand.settings, QUEUES.sqlite, {})

    assert "jobs_by_status (deleted=? AND status=?)" in plan


@ON_BOTH
def test_an_attempt_that_ends_by_itself_is_in_no_list_until_the_last(hand: Hand) -> None:
    record = hand.start(hand.create(max_attempts=2))

    following = hand.store.next_attempt(
        record, frozenset({Status.STARTED}), failure=Failure("E", "no luck")
    )

    assert following is not None
    assert following.since == following.created_at
