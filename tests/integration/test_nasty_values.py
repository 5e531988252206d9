"""Jobs that hold whatever text and numbers there are: nothing shows a 500 for it, on any page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from headway.model.record import Failure, Origin, Record, Status, address_of, now
from headway.settings import Settings
from quart_app import create_app
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH
from tests.support.worker_process import burst

TEXTS = [
    "line\u2028separator\u2029next\x85line",
    "control \x01\x1b[31m\x7f\x0b\x0c\r\n",
    "turned \u202eround\u2066 and \u200f back",
    "</script><script>alert(1)</script>",
    "%s {0} {{ 7 * 7 }} %2F ?a=b#c & \" '",
    "שלום 🎈 é e\u0301",
    " ",
    "x" * 10_000,
]


def nested(depth: int) -> Any:
    """Brackets inside of each other."""
    value: Any = "deep"
    for _ in range(depth):
        value = [value]
    return value


VALUES = [
    *TEXTS,
    "half \ud800 a pair",
    "NUL \0",
    {"half \ud800": {"": "\udfff"}, "not an identifier!": None, "</script>": "\u2028"},
    10**400,
    -1e308,
    nested(200),
    list(range(2_000)),
]

# What a real job gets, says and returns, or fails to return.
GIVEN = ["".join(TEXTS), {"half \ud800": "NUL \0"}, 10**400, float("nan"), nested(300), nested(900)]


def of_a_job(settings: Settings) -> list[str]:
    """The address of all that there is to be looked at of a job, with a gap for its id."""
    return [
        rule.rule.replace("<job_id>", "{}")
        for rule in create_app(settings).url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.arguments == {"job_id"}
    ]


async def looked_at(server: Server, path: str) -> str:
    """What an address shows, to its end or as far as a stream goes at once."""
    async with server.client.stream("GET", path) as reply:
        returned_nothing = path.endswith("/result") and reply.status_code == 404
        assert reply.status_code == 200 or returned_nothing, path
        if not path.startswith("/api/events"):
            return (await reply.aread()).decode()
        said = ""
        async for piece in reply.aiter_text():
            said += piece
            if "event: snapshot" in said and said.endswith("\n\n"):
                return said
    return said


async def shown_everywhere(server: Server, *records: Record) -> None:
    """Nothing of these jobs, which are over, is an error anywhere."""
    paths = of_a_job(server.settings)
    assert len(paths) > 9
    for record in records:
        for path in paths:
            await looked_at(server, path.format(address_of(record.id)))
        log = f"/api/jobs/{record.id}/events?log=1"
        assert "event: end" in await looked_at(server, log)
    for path in ("/", "/api/jobs", "/api/events", "/api/queues", "/api/workers", "/healthz"):
        await looked_at(server, path)


@ON_BOTH
async def test_what_a_job_returned_or_was_given_is_shown(server: Server, hand: Hand) -> None:
    records = []
    for value in VALUES:
        given = {"args": [value], "kwargs": {"given \u2028": value}}
        record = hand.start(hand.create(origin=Origin.APPLICATION, params=given))
        records.append(hand.finish(record, result=value))

    await shown_everywhere(server, *records)

    for record, value in zip(records, VALUES, strict=True):
        shown = (await server.get(f"/api/jobs/{record.id}")).json()
        assert shown["result"] == value


@ON_BOTH
async def test_what_a_job_is_called_and_says_is_shown(server: Server, hand: Hand) -> None:
    records = []
    for text in TEXTS:
        record = hand.create(title=text, owner=text, kind=text, queue=text)
        record = hand.say(hand.start(record, worker=text), text, text)
        record = hand.change(record, message=text, step=1, steps=2, step_name=text)
        hand.heartbeat(text, queue=text)
        error = Failure(text, text, text)
        saved = hand.store.save(record, status=Status.FAILED, error=error, ended_at=now())
        assert saved is not None
        hand.publisher.publish(hand.store.epoch, saved)
        records.append(saved)

    await shown_everywhere(server, *records)

    for text in TEXTS:
        for name in ("kind", "queue", "owner"):
            found = (await server.get(f"/api/jobs?{name}={quote(text)}")).json()["jobs"]
            assert [job[name] for job in found] == [text], name
            assert (await server.get(f"/?{name}={quote(text)}")).status_code == 200
        for path in ("/", "/api/jobs", "/api/events"):
            await looked_at(server, f"{path}?q={quote(text[:200])}")


async def test_what_a_real_job_does_with_any_text_is_shown(server: Server, hand: Hand) -> None:
    queue = Queue("toys", connection=hand.client.redis, serializer=JSONSerializer)
    ids = [f"job_{number}" for number, _ in enumerate(GIVEN)]
    for job_id, value in zip(ids, GIVEN, strict=True):
        queue.enqueue("tests.support.toy_jobs.give_back", value, job_id=job_id)
    queue.enqueue("tests.support.toy_jobs.raise_it", " ".join(TEXTS), job_id="raised")

    burst(server.settings)

    records = [hand.store.job(job_id) for job_id in [*ids, "raised"]]
    assert {record.final for record in records} == {True}
    await shown_everywhere(server, *records)


@pytest.mark.parametrize("text", ["half \ud800", "NUL \0", "\u2028", "\u202e"])
async def test_an_address_with_any_text_is_an_answer(server: Server, text: str) -> None:
    written = quote(text, errors="surrogatepass")
    for path in (
        f"/jobs/{written}", f"/api/jobs/{written}", f"/api/jobs/{written}/events",
        f"/api/jobs/{written}/artifacts/{written}", f"/api/jobs?q={written}",
        f"/?kind={written}&queue={written}&owner={written}", f"/api/jobs?before={written}",
        f"/api/jobs?{written}=1", f"/jobs/new?kind={written}", f"/{written}",
        f"/characters/{written}", f"/stories/{written}",
    ):  # fmt: skip
        assert (await server.get(path)).status_code < 500, path
