"""From the request to the function: what was made of it once is what the function gets."""

from __future__ import annotations

import time
from typing import Any

import pytest
from pydantic import BaseModel

from headway.kinds import registry
from headway.model.record import Status, as_time
from headway.settings import Settings
from headway.store import Reader
from tests.support import behind
from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.databases import ON_BOTH
from tests.support.waiting import eventually_async
from tests.support.worker_process import burst


@ON_BOTH
async def test_a_function_gets_what_was_made_of_the_request_and_nobody_is_shown_what_is_hidden(
    store: Settings, server: Server, hand: Hand
) -> None:
    due = time.time() + 0.5
    asked = {"price": 100, "token": "s3cret", "due": as_time(due)}
    record = await server.submit("toy.order", **asked)
    await eventually_async(lambda: time.time() > due)
    hand.store.read_epoch()

    burst(store)

    ended = (await server.get(record["links"]["self"])).json()
    assert (ended["status"], ended["result"]) == ("finished", {"price": 120.0, "token": "s3cret"})
    assert (ended["title"], ended["origin"]) == ("120 with s3cret", "headway")
    assert ended["params"].keys() == {"price", "due"}
    assert record["params"] == ended["params"]
    found = (await server.get("/api/jobs", params={"q": '"token"'})).json()["jobs"]
    assert found == []


async def test_a_retry_gets_the_same_once_more(store: Settings, server: Server, hand: Hand) -> None:
    asked = {"price": 100, "token": "t", "due": as_time(time.time() + 60)}
    record = await server.submit("toy.order", **asked)
    await server.post(f"/api/jobs/{record['id']}/stop")

    hand.client.retry(record["id"])
    burst(store)

    assert hand.store.job(record["id"]).result == {"price": 120.0, "token": "t"}


async def test_a_kind_of_ours_may_call_its_parameters_args_and_kwargs(
    store: Settings, server: Server, hand: Hand
) -> None:
    record = await server.submit("toy.call", args=[1, 2], kwargs={"c": 3})

    burst(store)

    assert hand.store.job(record["id"]).result == 6
    assert record["origin"] == "headway"


def test_a_job_that_an_earlier_headway_queued_runs(store: Settings, hand: Hand) -> None:
    due = as_time(time.time() - 60)
    hidden = hand.create(kind="toy.call", params={"args": [4], "kwargs": {}})
    hand.client.enqueue(hidden)
    short = hand.create(kind="toy.nested", params={"options": {"depth": 2}, "rows": 1})
    hand.client.enqueue(short)
    broken = hand.create(kind="toy.order", params={"price": 120.0, "due": due})
    hand.client.enqueue(broken)

    burst(store)

    assert hand.store.job(hidden.id).result == 4
    assert hand.store.job(short.id).result == 2
    ended = hand.store.job(broken.id)
    assert (ended.status, ended.error is not None) == (Status.FAILED, True)


async def test_a_deleted_job_keeps_nothing_of_what_it_was_asked_with(
    store: Settings, server: Server
) -> None:
    asked = {"price": 100, "token": "t", "due": as_time(time.time() + 60)}
    record = await server.submit("toy.order", **asked)
    await server.post(f"/api/jobs/{record['id']}/stop")

    await server.client.delete(f"/api/jobs/{record['id']}")

    rows = behind.run(store, "SELECT params, arguments, fingerprint FROM jobs")
    assert rows == [("{}", None, None)]


async def test_the_schemas_of_the_kinds_are_made_once(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_kinds", {k: v for k, v in registry._kinds.items() if "." in k})
    paths = ("/", "/api/kinds", "/jobs/new", "/jobs/new?kind=toy.nested")
    for path in paths:
        assert (await server.get(path)).status_code == 200

    def made_again(*_: object, **__: object) -> None:
        raise AssertionError("a schema is made once more")

    monkeypatch.setattr(BaseModel, "model_json_schema", made_again)

    for path in paths:
        assert (path, (await server.get(path)).status_code) == (path, 200)


async def test_a_jobs_page_reads_its_row_once(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await server.submit("toy.count")
    read: list[str] = []

    def counting(look: Any) -> Any:
        async def counted(self: Reader, job_id: str, **more: bool) -> Any:
            read.append(job_id)
            return await look(self, job_id, **more)

        return counted

    for name in ("job", "job_as_event"):
        monkeypatch.setattr(Reader, name, counting(getattr(Reader, name)))

    assert (await server.get(f"/jobs/{record['id']}")).status_code == 200
    assert read == [record["id"]]
