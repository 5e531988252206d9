"""More jobs at once than one slice, or one answer, is long: all are reached, and it is told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest

from headway.client import Client
from headway.model.record import Action, Record, Status
from headway.settings import Settings
from headway.store import JobFilter, Reader
from quart_app.bulk import LISTED_REFUSALS, Bulk
from tests.support import behind
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH

HIDDEN = re.compile(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">')
RETRY_FAILED = {"action": "retry", "match": {"status": "failed"}}
# More than were reached when a list's first thousand was all.
MANY = 1_200


def failed(hand: Hand, count: int) -> list[str]:
    """So many failed jobs."""
    return [hand.create(status=Status.FAILED, publish=False).id for _ in range(count)]


def statuses(settings: Settings) -> dict[str, int]:
    """How many jobs are in each state."""
    counted = "SELECT status, count(*) FROM jobs WHERE NOT deleted GROUP BY status"
    return dict(behind.run(settings, counted))


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of three jobs, and no time at all: each answer does one job."""
    by_default(monkeypatch, slice_jobs=3, seconds=0.0)


def by_default(monkeypatch: pytest.MonkeyPatch, **defaults: float) -> None:
    """Limit bulk actions like this where the request says nothing else."""
    usual = Bulk.__init__.__kwdefaults__ or {}
    monkeypatch.setattr(Bulk.__init__, "__kwdefaults__", usual | defaults)


def meanwhile(monkeypatch: pytest.MonkeyPatch, happen: Callable[[str], None]) -> None:
    """Each time when something was done to a job, this happens to it."""
    really = Client.act

    def and_then(client: Client, action: Action, job_id: str, **asked: Any) -> Record:
        record = really(client, action, job_id, **asked)
        happen(job_id)
        return record

    monkeypatch.setattr(Client, "act", and_then)


async def test_all_that_match_are_reached_however_many_they_are(
    store: Settings, server: Server, hand: Hand
) -> None:
    _copies(store, hand.create(status=Status.FAILED), MANY)

    reply = await server.post("/api/jobs/bulk", json=RETRY_FAILED)

    outcome = reply.json()
    told = [outcome[name] for name in ("matched", "done", "refused_count", "left", "next")]
    assert told == [MANY, MANY, 0, 0, None]
    assert statuses(store) == {"queued": MANY}


def _copies(settings: Settings, record: Record, count: int) -> None:
    """Make one job so many, quickly."""
    columns = [row[1] for row in behind.run(settings, "PRAGMA table_info(jobs)")]
    made = {"id": "'copy-' || n", "seq": "n", "search_id": "n"}
    values = ", ".join(made.get(name, name) for name in columns)
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT {record.seq + 1} UNION ALL "
    numbers += f"SELECT n + 1 FROM numbers WHERE n < {record.seq + count - 1})"
    behind.run(settings, f"INSERT INTO jobs {numbers} SELECT {values} FROM jobs, numbers")
    behind.run(settings, f"UPDATE counter SET seq = {record.seq + count - 1}")


async def test_what_fails_again_meanwhile_is_not_tried_for_ever(
    store: Settings, server: Server, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_default(monkeypatch, slice_jobs=2)
    failed(hand, 5)

    def fail_again(job_id: str) -> None:
        hand.fail(hand.start(hand.store.job(job_id)))

    meanwhile(monkeypatch, fail_again)

    outcome = (await server.post("/api/jobs/bulk", json=RETRY_FAILED)).json()

    assert (outcome["matched"], outcome["done"], outcome["left"]) == (5, 5, 0)
    assert statuses(store) == {"failed": 5}


@pytest.mark.parametrize("named", [False, True])
async def test_an_answer_whose_time_is_up_says_how_far_it_got_and_how_to_go_on(
    store: Settings, server: Server, hand: Hand, short: None, *, named: bool
) -> None:
    ids = failed(hand, 7)
    body: dict[str, Any] = {"action": "retry", "ids": ids} if named else RETRY_FAILED

    answers = [(await server.post("/api/jobs/bulk", json=body)).json()]
    late = hand.fail(hand.start(hand.create()))
    while following := answers[-1]["next"]:
        answers.append((await server.post("/api/jobs/bulk", json=following)).json())

    assert answers[0]["stopped"] == "This request ran out of time."
    assert [each["matched"] for each in answers] == [7, 6, 5, 4, 3, 2, 1]
    assert [each["done"] for each in answers] == [1] * 7
    assert [each["left"] for each in answers] == [6, 5, 4, 3, 2, 1, 0]
    assert answers[-1]["stopped"] is None
    assert hand.store.job(late.id).status == Status.FAILED, "it did not match when this was asked"


async def test_two_who_do_the_same_at_once_are_told_what_each_did(
    store: Settings, server: Server, hand: Hand
) -> None:
    failed(hand, 40)

    replies = await asyncio.gather(
        *(server.post("/api/jobs/bulk", json=RETRY_FAILED) for _ in range(2))
    )

    one, other = (reply.json() for reply in replies)
    assert one["done"] + other["done"] == 40
    for each in (one, other):
        assert each["done"] + each["refused_count"] == each["matched"]
        assert (each["left"], each["next"]) == (0, None)
    assert statuses(store) == {"queued": 40}


async def test_refusals_are_counted_and_the_first_are_listed(server: Server, hand: Hand) -> None:
    running = hand.start(hand.create())
    ids = [f"nobody-{number}" for number in range(150)]

    outcome = (
        await server.post("/api/jobs/bulk", json={"action": "delete", "ids": [*ids, running.id]})
    ).json()

    assert (outcome["matched"], outcome["done"], outcome["refused_count"]) == (151, 0, 151)
    assert [each["id"] for each in outcome["refused"]] == ids[:LISTED_REFUSALS]


async def test_a_store_that_goes_away_leaves_the_rest_and_says_so(
    store: Settings, server: Server, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.parts.writing.longest_busy_milliseconds = 50
    failed(hand, 5)
    locks: list[Any] = []

    def lock(_job_id: str) -> None:
        if len(behind.run(store, "SELECT 1 FROM jobs WHERE status = 'queued'")) == 2:
            locks.append(behind.locked(store))
            locks[0].__enter__()

    meanwhile(monkeypatch, lock)

    first = (await server.post("/api/jobs/bulk", json=RETRY_FAILED)).json()
    locks[0].__exit__(None, None, None)
    second = (await server.post("/api/jobs/bulk", json=first["next"])).json()

    assert (first["done"], first["left"], first["refused_count"]) == (2, 3, 0)
    assert first["stopped"] == "The store could not be used."
    assert (second["matched"], second["done"], second["next"]) == (3, 3, None)


async def test_where_to_go_on_is_taken_from_an_answer_only(server: Server, hand: Hand) -> None:
    failed(hand, 1)
    for begin, status in (("x", 422), (7, 422), ("x:1:x", 422), ("elsewhere:0:99", 409)):
        reply = await server.post("/api/jobs/bulk", json={**RETRY_FAILED, "from": begin})

        assert (begin, reply.status_code) == (begin, status)


async def test_without_scripts_a_page_does_a_part_and_offers_to_go_on(
    store: Settings, server: Server, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quart_app.pages.bulk.PAGE_SECONDS", 0.0)
    ids = failed(hand, 3)
    for chosen in ({"all": "1", "status": "failed"}, {"ids": ids}):
        question = await server.post("/jobs/bulk", data={"action": "retry", **chosen})
        late = hand.fail(hand.start(hand.create()))
        pages = [question.text]
        while "Continue" in pages[-1] or pages == [question.text]:
            form: dict[str, list[str]] = {}
            for name, value in HIDDEN.findall(pages[-1]):
                form.setdefault(name, []).append(value)
            pages.append((await server.post("/jobs/bulk", data=form, follow_redirects=True)).text)

        assert "Try 3 jobs again?" in question.text
        assert "1 of 3 jobs queued again; 2 left." in pages[1]
        assert "2 of 3 jobs queued again; 1 left." in pages[2]
        assert "3 jobs queued again</p>" in pages[3]
        assert hand.store.job(late.id).status == Status.FAILED, "nobody was asked about it"
        for job_id in ids:
            hand.fail(hand.start(hand.store.job(job_id)))
        hand.delete(late)


@ON_BOTH
async def test_the_jobs_of_a_stretch_are_those_that_did_not_change_since(
    hand: Hand, reader: Reader
) -> None:
    first, second, third = (hand.create(title="Import", publish=False) for _ in range(3))
    upto = third.seq
    second = hand.start(second, publish=False)
    hand.create(title="Import", publish=False)

    for wanted in (JobFilter(), JobFilter(q="Import"), JobFilter(q="Im", kind="toy.count")):
        found = await reader.between(wanted, 0, upto, most=10)
        rest = await reader.between(wanted, first.seq, upto, most=10)

        assert found == [(first.id, first.seq), (third.id, third.seq)]
        assert rest == found[1:]
        assert await reader.count_between(wanted, 0, upto) == 2
