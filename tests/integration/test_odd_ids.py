"""Jobs whose ids are what RQ, or what is older than it, allows: each has a page that works."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin

from rq import Queue
from rq.serializers import JSONSerializer

from headway.model.record import Origin, Record, Status
from headway.settings import Settings
from tests.support.app_server import Server
from tests.support.by_hand import Hand, keep_artifact
from tests.support.databases import ON_BOTH
from tests.support.worker_process import burst

# As RQ 3 takes them, and as an older one did.
RQS = ["_nightly", "-x", "new", "bulk", "x" * 300]
OLDER = ["a b", "..", "a/b", "50%", "%2F", "a?b#c", "שלום", "~2e", "a\"b'<i>", "events", "a\nb"]


def failed(hand: Hand, job_id: str) -> Record:
    """A job of this id that failed and left a file and a line."""
    record = hand.say(hand.start(hand.create(id=job_id, title="Odd")), "said")
    file = keep_artifact(hand.client.settings, job_id, "my résumé.txt", b"kept")
    return hand.fail(hand.attach(record, file))


async def test_every_link_of_a_job_leads_to_it(server: Server, hand: Hand) -> None:
    records = [failed(hand, job_id) for job_id in RQS + OLDER]
    listed = (await server.get("/api/jobs")).json()["jobs"]

    assert {job["id"] for job in listed} == {record.id for record in records}
    for job in listed:
        shown = (await server.get(job["links"]["self"])).json()
        assert shown["id"] == job["id"]
        for name, address in job["links"].items():
            if isinstance(address, str) and name != "result":  # it failed
                assert (await server.get(address)).status_code == 200, (job["id"], name)
        (file,) = shown["links"]["artifacts"]
        kept = await server.get(file["href"])
        assert (kept.text, kept.status_code) == ("kept", 200)
        whole = await server.get(f"{job['links']['log']}.txt")
        assert whole.text == "said\n"
        assert whole.headers["Content-Disposition"].isascii()


async def test_every_link_on_a_jobs_pages_leads_somewhere(server: Server, hand: Hand) -> None:
    for job_id in RQS + OLDER:
        failed(hand, job_id)
    dashboard = (await server.get("/")).text
    hrefs = re.findall(r'class="title"[^>]* href="([^"]+)"', dashboard)
    pages = {unescape(href) for href in hrefs} - {"/jobs/"}  # the row to copy

    assert len(pages) == len(RQS + OLDER)
    known: set[str] = set()
    for page in sorted(pages | {f"{page}/timeline" for page in pages}):
        shown = (await server.get(page)).text
        links = set(re.findall(r'(?:href|src)="([^"#][^"]*)"', shown))
        for href in links - known:
            there = await server.get(urljoin(server.url + page, unescape(href)))
            assert there.status_code == 200, (page, href)
        known |= links


@ON_BOTH
async def test_a_job_of_any_id_is_retried_stopped_and_deleted(server: Server, hand: Hand) -> None:
    for job_id in RQS:
        record = failed(hand, job_id)
        links = record.to_json()["links"]

        retried = await server.post(f"{links['page']}/retry", headers={"Accept": "text/html"})
        assert (retried.status_code, retried.headers["Location"]) == (303, links["page"])
        stopped = await server.post(f"{links['self']}/stop")
        assert (stopped.status_code, stopped.json()["status"]) == (202, "canceled")
        assert stopped.headers["Location"] == links["self"]
        assert (await server.client.delete(links["self"])).status_code == 204
        assert (await server.get(links["page"])).status_code == 404


async def test_a_job_whose_id_rq_takes_no_longer_is_stopped_and_deleted_and_not_retried(
    server: Server, hand: Hand
) -> None:
    for job_id in OLDER:
        record = hand.create(id=job_id, origin=Origin.APPLICATION, kind="plain_app.charge")
        address = record.to_json()["links"]["self"]

        assert (await server.post(f"{address}/stop")).json()["status"] == "canceled"
        retried = await server.post(f"{address}/retry")
        assert (retried.status_code, "enqueue it again" in retried.text) == (409, True)
        assert (await server.client.delete(address)).status_code == 204


def test_a_job_of_another_program_attaches_files_whatever_its_id_is(
    store: Settings, hand: Hand
) -> None:
    queue = Queue("toys", connection=hand.client.redis, serializer=JSONSerializer)
    for job_id in RQS:
        queue.enqueue("tests.support.toy_jobs.plain_with_file", job_id=job_id)

    burst(store)

    for job_id in RQS:
        record = hand.store.job(job_id)
        assert (record.status, record.error) == (Status.FINISHED, None)
        assert [file.name for file in hand.files(record)] == ["note.txt"]
