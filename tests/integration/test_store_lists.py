"""Lists from a real database: filters, searches and pages."""

from __future__ import annotations

from headway.model.record import Record, Status, now
from headway.settings import Settings
from headway.store import JobFilter, Reader
from quart_app.live.hub import MOST_PENDING
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH

pytestmark = ON_BOTH

EVERYTHING = JobFilter()


FILTERS = [
    (JobFilter(), "abcd"),
    (JobFilter(status=frozenset({"queued"})), "a"),
    (JobFilter(status=frozenset({"queued", "failed"})), "ac"),
    (JobFilter(kind="toy.count"), "ab"),
    (JobFilter(queue="other"), "bd"),
    (JobFilter(owner="ada"), "ad"),
    (JobFilter(owner="ada", queue="other"), "d"),
    (JobFilter(q="Portrait"), "a"),
    (JobFilter(q="portrait of ad"), "a"),
    (JobFilter(q="in the params"), "b"),
    (JobFilter(q="broken pipe"), "c"),
    (JobFilter(q="almost"), "d"),
    (JobFilter(q="toy.other"), "cd"),
    (JobFilter(q="toy.other", status=frozenset({"failed"})), "c"),
    (JobFilter(q="50%"), "a"),
    (JobFilter(q="a_c"), "b"),
    (JobFilter(q="back\\slash"), "d"),
    (JobFilter(q="%"), "a"),
    (JobFilter(q="' OR 1=1 --"), ""),
    (JobFilter(status=frozenset({"stopped"})), ""),
]


async def test_a_filter_finds_what_it_names(hand: Hand, reader: Reader) -> None:
    hand.create(id="a", title="Portrait of Ada", message="50% done", owner="ada")
    started = hand.start(
        hand.create(id="b", queue="other", title="abc a_c", params={"text": "in the params"})
    )
    failed = hand.start(hand.create(id="c", kind="toy.other", title="abc"))
    hand.fail(failed, "broken pipe")
    hand.start(
        hand.create(
            id="d", kind="toy.other", queue="other", owner="ada", message="almost back\\slash"
        )
    )
    assert started.status == Status.STARTED

    for wanted, found in FILTERS:
        newest = await reader.newest(wanted)
        matching = await reader.matching(wanted, ["a", "b", "c", "d", "unknown"])

        assert {record.id for record in newest.records} == set(found), wanted
        assert matching == set(found), wanted
        assert sum((await reader.counts(wanted)).values()) == len(found), wanted


async def test_the_jobs_of_a_filter_are_counted_by_state(hand: Hand, reader: Reader) -> None:
    hand.create(title="wanted")
    # Found by its title, and by what it says while it runs: it is one all the same.
    hand.start(hand.create(title="wanted", message="wanted"))
    hand.change(hand.create(title="another"), status=Status.SCHEDULED, message="wanted")
    hand.fail(hand.start(hand.create(title="another")), "not wanted")
    hand.finish(hand.start(hand.create(title="another", queue="other")))

    for wanted, states in (
        (JobFilter(q="wanted"), ["queued", "started", "scheduled", "failed"]),
        (JobFilter(q="wanted", status=frozenset({"failed"})), ["failed"]),
        (JobFilter(queue="other"), ["finished"]),
        (JobFilter(q="nowhere"), []),
    ):
        counts = await reader.counts(wanted)

        assert counts == {status: int(status in states) for status in Status}, wanted


async def test_only_a_short_text_on_sqlite_is_counted_too_slowly_for_a_page(
    store: Settings, reader: Reader
) -> None:
    for wanted in (EVERYTHING, JobFilter(queue="other"), JobFilter(q="abc", kind="toy.count")):
        assert reader.counts_quickly(wanted), wanted

    assert reader.counts_quickly(JobFilter(q="ab")) == store.on_postgresql


async def test_as_many_jobs_as_a_slow_watcher_can_be_behind_are_looked_through_at_once(
    hand: Hand, reader: Reader
) -> None:
    found = hand.create(title="Portrait of Ada")
    behind = [found.id, *(f"other-{number}" for number in range(1, MOST_PENDING))]

    assert await reader.matching(JobFilter(q="Portrait"), behind) == {found.id}


async def test_a_filter_says_of_a_record_what_the_store_says(hand: Hand, reader: Reader) -> None:
    hand.create(owner="ada")
    hand.start(hand.create(queue="other"))
    hand.delete(hand.fail(hand.start(hand.create(kind="toy.other"))))
    every = (await reader.changes_since(0)).records
    assert len(every) == 3

    for wanted in (wanted for wanted, _ in FILTERS if not wanted.q):
        matching = await reader.matching(wanted, [record.id for record in every])

        assert {record.id for record in every if wanted.matches(record)} == matching, wanted


async def test_pages_go_on_where_they_ended_while_jobs_arrive(hand: Hand, reader: Reader) -> None:
    old = [hand.create() for _ in range(5)]

    first = (await reader.newest(EVERYTHING, most=2)).records
    hand.create()
    second = (await reader.newest(EVERYTHING, before=first[-1].id, most=2)).records
    hand.delete(hand.finish(hand.start(second[-1])))
    third = (await reader.newest(EVERYTHING, before=second[-1].id, most=2)).records

    pages = [record.id for record in (*first, *second, *third)]
    assert pages == [record.id for record in reversed(old)]


async def test_jobs_of_the_same_moment_are_on_one_page_each(hand: Hand, reader: Reader) -> None:
    moment = now()
    same = {hand.create(created_at=moment).id for _ in range(5)}

    pages: list[Record] = []
    while more := (
        await reader.newest(EVERYTHING, before=pages[-1].id if pages else None, most=2)
    ).records:
        pages += more

    assert len(pages) == 5
    assert {record.id for record in pages} == same


async def test_a_page_below_an_unknown_job_is_empty(hand: Hand, reader: Reader) -> None:
    hand.create()

    assert (await reader.newest(EVERYTHING, before="unknown")).records == []
