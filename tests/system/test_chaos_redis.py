"""Redis goes away, freezes, forgets: jobs in every phase ride it out, and people keep seeing."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

from rq.worker_registration import get_keys

from headway.broker.connection import connected
from tests.support.chaos_audience import DashboardWatcher
from tests.support.chaos_outages import let_it_last, redis_down, redis_frozen
from tests.support.chaos_scene import WORKERS, Scene
from tests.support.system import System
from tests.support.waiting import eventually

Outage = Callable[[System], AbstractContextManager[None]]

BLINK_SECONDS = 0.5
# Long enough for the relay to notice that nothing comes back.
FREEZE_SECONDS = 5.0
# From when on the web must have noticed, in seconds.
NOTICED_SECONDS = 4.0
# Jobs that wait when Redis is wiped, and how many clients submit them.
MANY = 200
CLIENTS = 4
# Seconds in which all of them have run on a busy machine.
MANY_SECONDS = 60.0
# Seconds until workers are in RQ's registry again: their next heartbeat.
MENTIONED_SECONDS = 20.0


def test_redis_gone_for_half_a_second_costs_no_result(scene: Scene) -> None:
    _ride_out(scene, redis_down, BLINK_SECONDS)


def test_redis_gone_for_long_costs_no_result_and_people_see_on(
    scene: Scene, outage_seconds: float
) -> None:
    _ride_out(scene, redis_down, outage_seconds)


def test_frozen_redis_costs_no_result_and_people_see_on(scene: Scene) -> None:
    _ride_out(scene, redis_frozen, FREEZE_SECONDS)


def test_redis_restarted_at_once_costs_no_result(scene: Scene) -> None:
    _ride_out(scene, redis_down, 0)


def test_wiped_redis_loses_no_job_and_no_worker(scene: Scene, tmp_path: Path) -> None:
    over = tmp_path / "over"
    running = [scene.submit(seconds=1, until=str(over), says=number) for number in range(WORKERS)]
    for job in running:
        scene.running(job)
    with ThreadPoolExecutor(CLIENTS) as clients:
        waiting = list(
            clients.map(lambda number: scene.submit(seconds=0, says=number), range(MANY))
        )
    counts = scene.system.http.get("/api/counts").json()["counts"]
    assert (counts["started"], counts["queued"]) == (WORKERS, MANY)
    workers = {worker["name"] for worker in scene.workers()}

    with connected(scene.system.redis_url) as redis:
        redis.flushall()
        over.touch()

        for jobs, within in ((running, MENTIONED_SECONDS), (waiting, MANY_SECONDS)):
            for number, job in enumerate(jobs):
                assert scene.ended(job, within)["result"] == {"says": number}
        keys = {f"rq:worker:{name}" for name in workers}
        eventually(lambda: keys <= get_keys(connection=redis), within=MENTIONED_SECONDS)
    assert {worker["name"] for worker in scene.workers()} == workers


def _ride_out(scene: Scene, outage: Outage, seconds: float) -> None:
    """Jobs in every phase around an outage, and one submitted in it: each has its result."""
    dashboard = scene.audience.at_the_dashboard()
    lengths = (seconds + 2, seconds / 2 + 0.3, 0.5, 0.1, 0.1)
    through, ending, *others = (
        scene.submit(seconds=length, says=number) for number, length in enumerate(lengths)
    )
    for job in (through, ending):
        scene.running(job)

    with outage(scene.system):
        over = time.monotonic() + seconds
        meanwhile = scene.submit(seconds=0.1, says=len(lengths))
        if seconds > NOTICED_SECONDS:
            _see_on(scene, dashboard, ending, within=lengths[1] + NOTICED_SECONDS)
        let_it_last(max(0.0, over - time.monotonic()))

    for number, job in enumerate((through, ending, *others, meanwhile)):
        end = scene.ended(job)
        assert end["result"] == {"says": number}, end["error"]
    eventually(lambda: dashboard.redis_links[-1:] == ["live"])


def _see_on(scene: Scene, dashboard: DashboardWatcher, ending: str, within: float) -> None:
    """What the store says is shown also while nothing is pushed."""
    watcher = scene.audience.at_a_job(ending)
    eventually(lambda: dashboard.redis_links[-1:] == ["away"], within=NOTICED_SECONDS)
    eventually(lambda: watcher.state.get("status") == "finished", within=within)
    eventually(lambda: dashboard.jobs[ending] == watcher.state, within=NOTICED_SECONDS)
    assert dashboard.redis_links[-1] == "away"
