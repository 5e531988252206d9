"""How much of a job is on the wire: a bounded description, and links to the rest."""

from __future__ import annotations

from collections.abc import Sequence

from headway.model.record import EVENT_RESULT_BYTES, Artifact, Record, Status, dumps
from headway.progress import Report
from headway.settings import Settings
from headway.store import JobFilter, Reader
from headway.workhorse.reporter import Reporter
from quart_app.api.response_models import LINKED_ARTIFACTS
from quart_app.live.stream import SNAPSHOT_BYTES
from quart_app.pages.jobs import PAGE_ARTIFACTS, SHOWN_ATTEMPTS, TEXTS_BYTES
from quart_app.pages.wording import SHOWN_CHARACTERS
from quart_app.paging import PAGE_BYTES
from tests.support.app_server import Server
from tests.support.by_hand import Hand, keep_artifact
from tests.support.databases import ON_BOTH
from tests.support.sse_client import listening

SMALL = "x" * (EVENT_RESULT_BYTES - len('""'))
LARGE = "y" * 900_000
# Longest line that clients made on aiohttp read.
LINE_BYTES = 128 * 1024


def finished(hand: Hand, result: object, count: int = 1) -> Sequence[Record]:
    """Jobs with this result."""
    return [hand.finish(hand.start(hand.create()), result) for _ in range(count)]


@ON_BOTH
async def test_a_large_result_stays_in_the_store_when_many_jobs_are_read(
    hand: Hand, reader: Reader
) -> None:
    (small,), (large,), (nothing,) = (finished(hand, each) for each in (SMALL, LARGE, None))

    newest = await reader.newest(JobFilter())

    told = {record.id: (record.result, record.result_bytes) for record in newest.records}
    assert told == {
        small.id: (SMALL, EVENT_RESULT_BYTES),
        large.id: (None, len(LARGE) + 2),
        nothing.id: (None, None),
    }
    assert (await reader.job(large.id)).result == LARGE
    assert (await reader.job_as_event(large.id)).result is None


async def test_lists_and_events_describe_a_large_result_and_link_to_it(
    server: Server, hand: Hand
) -> None:
    (job,) = finished(hand, LARGE)

    listed = (await server.get("/api/jobs")).json()["jobs"][0]
    streamed = (await server.get(f"/api/jobs/{job.id}/events")).text
    record = (await server.get(f"/api/jobs/{job.id}")).json()
    whole = await server.get(listed["links"]["result"])

    assert (listed["result"], listed["result_bytes"]) == (None, len(LARGE) + 2)
    assert '"result":null' in streamed
    assert len(streamed) < 3_000
    assert record["result"] == whole.json() == LARGE
    assert whole.headers["content-type"] == "application/json"


async def test_a_job_without_a_result_says_so(server: Server, hand: Hand) -> None:
    running = hand.start(hand.create())

    reply = await server.get(f"/api/jobs/{running.id}/result")

    assert (reply.status_code, reply.json()["detail"]) == (404, "This job has no result.")


async def test_a_jobs_page_shows_the_beginning_of_a_large_result(
    server: Server, hand: Hand
) -> None:
    for result in (LARGE, ["y" * 10_000] * 50):
        (job,) = finished(hand, result)

        page = (await server.get(f"/jobs/{job.id}")).text

        assert SHOWN_CHARACTERS - 100 < page.count("y") < SHOWN_CHARACTERS + 1_000
        assert f'<a href="/api/jobs/{job.id}/result">The whole result</a>' in page


async def test_a_snapshot_and_a_page_have_a_length_that_no_job_can_exceed(
    server: Server, hand: Hand
) -> None:
    # As long as a sentence of an error may be, in the longest characters.
    for _ in range(100):
        hand.fail(hand.start(hand.create(title="\U0001f600" * 200)), "\U0001f600" * 2_000)

    async with listening(server, "/api/events") as stream:
        snapshot = (await stream.next("snapshot")).data
    shown, path = [], "/api/jobs?limit=500"
    while path:
        reply = await server.get(path)
        assert len(reply.content) < PAGE_BYTES + 1_000
        shown += [job["id"] for job in reply.json()["jobs"]]
        path = reply.json()["next"]

    assert len(dumps(snapshot).encode()) < min(SNAPSHOT_BYTES + 10_000, LINE_BYTES)
    assert 10 < len(snapshot["jobs"]) < 100
    assert len(shown) == len(set(shown)) == 100


async def test_files_are_counted_by_events_and_listed_by_their_route(
    server: Server, hand: Hand
) -> None:
    files = [Artifact(f"part-{number}.bin", "x/y", 1) for number in range(250)]
    job = hand.finish(hand.attach(hand.start(hand.create()), *files))

    streamed = (await server.get(f"/api/jobs/{job.id}/events")).text
    record = (await server.get(f"/api/jobs/{job.id}")).json()
    found, path = [], f"/api/jobs/{job.id}/artifacts?limit=99"
    while path:
        page = (await server.get(path)).json()
        found += page["artifacts"]
        path = page["next"]

    assert '"artifact_count":250' in streamed
    assert "part-" not in streamed
    assert '"artifacts":null' in streamed
    assert record["artifact_count"] == page["artifact_count"] == 250
    assert record["links"]["artifacts"] == found[:LINKED_ARTIFACTS]
    assert [file["name"] for file in found] == [file.name for file in files]


async def test_a_jobs_page_shows_the_first_files_and_leads_to_the_others(
    server: Server, hand: Hand
) -> None:
    files = [Artifact(f"part-{number}.bin", "x/y", 1) for number in range(1, 181)]
    job = hand.attach(hand.start(hand.create()), *files)

    page = (await server.get(f"/jobs/{job.id}")).text
    all_files = (await server.get(f"/jobs/{job.id}/files")).text
    further = (await server.get(f"/jobs/{job.id}/files?after=100")).text

    assert page.count(" download>part-") == PAGE_ARTIFACTS
    assert f'The first 50 of 180 files. <a href="/jobs/{job.id}/files">' in page
    assert all_files.count(" download>part-") == 100
    assert f'href="/jobs/{job.id}/files?after=100"' in all_files
    assert further.count(" download>part-") == 80
    assert "101 to 180 of 180 files" in further


@ON_BOTH
def test_each_file_that_is_attached_is_one_row_more(
    hand: Hand, reporter: Reporter, report: Report
) -> None:
    for number in range(20):
        report.attach(f"{number}.txt", b"x")
    report.attach("3.txt", b"longer")

    kept = hand.files(reporter.record)
    assert [file.name for file in kept] == [f"{number}.txt" for number in range(20)]
    assert kept[3].bytes == len(b"longer")
    assert hand.store.job(reporter.record.id).artifact_count == 20


def test_a_deleted_job_leaves_no_list_of_its_files(hand: Hand) -> None:
    job = hand.start(hand.create())
    job = hand.finish(hand.attach(job, Artifact("a.txt", "text/plain", 1)))

    hand.delete(job)

    assert hand.files(job) == []


async def test_a_file_that_a_former_attempt_left_is_not_served(server: Server, hand: Hand) -> None:
    job = hand.start(hand.create())
    note = keep_artifact(server.settings, job.id, "note.txt", b"x")
    job = hand.fail(hand.attach(job, note))
    path = f"/api/jobs/{job.id}/artifacts/note.txt"
    assert (await server.get(path)).status_code == 200

    await server.post(f"/api/jobs/{job.id}/retry")

    assert (await server.get(path)).status_code == 404


async def test_long_lines_of_a_log_come_in_answers_of_bounded_length(
    server: Server, hand: Hand
) -> None:
    lines = [f"{number} " + "x" * 3_990 for number in range(600)]
    job = hand.say(hand.start(hand.create()), *lines)

    found: list[str] = []
    while len(found) < len(lines):
        reply = await server.get(f"/api/jobs/{job.id}/log?limit=10000&after={len(found)}")
        assert len(reply.content) < PAGE_BYTES + 1_000
        found += [line["text"] for line in reply.json()["lines"]]

    assert found == lines


async def test_a_jobs_page_shows_the_newest_of_many_attempts_and_links_to_the_others(
    server: Server, hand: Hand
) -> None:
    job = hand.fail(hand.start(hand.create()), "attempt 1")
    for number in range(2, SHOWN_ATTEMPTS + 5):
        following = hand.store.next_attempt(job, frozenset({Status.FAILED}))
        assert following is not None
        job = hand.fail(hand.start(following), f"attempt {number}")

    page = (await server.get(f"/jobs/{job.id}")).text

    assert page.count("<summary>attempt ") == SHOWN_ATTEMPTS
    assert f'<a href="/api/jobs/{job.id}/attempts">4 earlier attempts</a>' in page


async def test_the_texts_of_a_jobs_page_are_bounded_together(
    store: Settings, server: Server, hand: Hand
) -> None:
    job = hand.start(hand.create())
    names = [f"{number}.txt" for number in range(12)]
    kept = [keep_artifact(store, job.id, name, b"z" * (TEXTS_BYTES // 8)) for name in names]
    hand.attach(job, *kept)

    page = (await server.get(f"/jobs/{job.id}")).text

    assert page.count("Show it here") == 8
    assert page.count(" download>") == 12 + 1, "the files and the log"
