"""What the web side says of itself: health, queues, workers, metrics, its own description."""

from __future__ import annotations

import re

from prometheus_client.parser import text_string_to_metric_families

from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.valkey import Valkey
from tests.support.waiting import eventually_async


async def test_a_server_with_store_and_redis_is_ready(server: Server) -> None:
    assert (await server.get("/healthz")).status_code == 200
    reply = await server.get("/readyz")

    assert reply.status_code == 200
    assert reply.json()["ready"] is True


async def test_a_server_without_redis_is_alive_but_not_ready_and_comes_back(
    server: Server, valkey: Valkey
) -> None:
    valkey.stop()

    async def ready() -> int:
        return (await server.get("/readyz")).status_code

    async def away() -> bool:
        return await ready() == 503

    async def back() -> bool:
        return await ready() == 200

    await eventually_async(away)
    assert (await server.get("/readyz")).json()["redis"] == "away"
    assert (await server.get("/healthz")).status_code == 200
    assert (await server.get("/api/jobs")).status_code == 200
    valkey.start()
    await eventually_async(back)


async def test_queues_workers_and_counts_are_told(server: Server, hand: Hand) -> None:
    hand.create()
    running = hand.start(hand.create(), worker="busy")
    hand.heartbeat("busy")

    queues = (await server.get("/api/queues")).json()["queues"]
    workers = (await server.get("/api/workers")).json()["workers"]
    counts = (await server.get("/api/counts")).json()["counts"]
    narrowed = (await server.get("/api/counts?queue=nowhere")).json()["counts"]

    assert [(q["name"], q["depth"], q["started"]) for q in queues] == [("toys", 1, 1)]
    assert [(w["name"], w["state"], w["current_job"]) for w in workers] == [
        ("busy", "busy", running.id)
    ]
    assert (counts["queued"], counts["started"], counts["failed"]) == (1, 1, 0)
    assert set(narrowed) == set(counts)
    assert sum(narrowed.values()) == 0


async def test_metrics_are_in_prometheus_words(server: Server, hand: Hand) -> None:
    hand.create()

    text = (await server.get("/metrics")).text

    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["headway_jobs", "queued"] == 1
    assert found["headway_queue_depth", "toys"] == 1
    assert found["headway_redis_live",] == 1


async def test_the_api_describes_itself(server: Server) -> None:
    described = (await server.get("/openapi.json")).json()

    assert described["openapi"].startswith("3.")
    for path in ("/api/jobs", "/api/characters", "/api/stories", "/api/queues"):
        assert path in described["paths"]
    assert (await server.get("/docs", headers={"Accept": "text/html"})).status_code == 200


async def test_the_page_of_the_api_begins_with_what_goes_well(server: Server) -> None:
    page = (await server.get("/docs", headers={"Accept": "text/html"})).text

    answers = [re.findall("<dt>([^<]+)", part) for part in re.findall("<dl.*?</dl>", page, re.S)]
    assert max(map(len, answers)) > 1
    assert answers == [sorted(codes) for codes in answers]
    columns = [table.count('<th scope="col"') for table in page.split("<table>")[1:]]
    assert set(columns) == {3, 4}, "a column that would be empty is not there"
