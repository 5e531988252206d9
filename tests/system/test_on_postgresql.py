"""The whole of Headway on a PostgreSQL, and what an outage of that costs: time, nothing else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from tests.support.chaos_outages import let_it_last
from tests.support.postgres import Postgres
from tests.support.system import FINAL, Json, System
from tests.support.system_end import ended_afterwards
from tests.support.waiting import eventually

# How long an outage lasts, in seconds: longer than a connection attempt, shorter than a lease.
OUTAGE_SECONDS = 2.5
PORTRAIT_SECONDS = 60.0
CURL_SECONDS = 60


@pytest.fixture(scope="module")
def on_postgresql(
    tmp_path_factory: pytest.TempPathFactory, shared_postgres: Postgres
) -> Iterator[System]:
    """A running system whose store is a PostgreSQL database, made by its own processes."""
    url = shared_postgres.make("whole_system")
    system = System(tmp_path_factory.mktemp("postgresql"), DATABASE_URL=url)
    with ended_afterwards(system):
        system.start()
        yield system


def test_a_character_gets_its_portrait_and_is_found(on_postgresql: System) -> None:
    wanted = {"name": "Grace Hopper", "age": 45, "gender": "female", "art_style": "pop_art"}
    job = on_postgresql.http.post("/api/characters", json=wanted).json()["job"]

    streamed = _curl(on_postgresql, job["links"]["events"])

    ended = on_postgresql.ended(job["id"], PORTRAIT_SECONDS)
    found = on_postgresql.http.get("/api/jobs", params={"q": "grace hop"}).json()["jobs"]
    portrait = on_postgresql.http.get(f"/api/jobs/{job['id']}/artifacts/portrait.png")
    assert (ended["status"], streamed[-1]["status"]) == ("finished", "finished")
    assert [state["seq"] for state in streamed] == sorted({state["seq"] for state in streamed})
    assert [each["id"] for each in found] == [job["id"]]
    assert portrait.status_code == HTTPStatus.OK
    assert on_postgresql.http.get("/").status_code == HTTPStatus.OK
    assert not (on_postgresql.folder / "data" / "headway.db").exists()


@contextmanager
def _restarted(server: Postgres) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def _frozen(server: Postgres) -> Iterator[None]:
    server.freeze()
    try:
        yield
    finally:
        server.thaw()


@pytest.mark.parametrize("outage", [_restarted, _frozen], ids=["restarted", "frozen"])
def test_what_ends_while_the_store_is_away_is_told_afterwards(
    on_postgresql: System,
    shared_postgres: Postgres,
    tmp_path: Path,
    outage: Callable[[Postgres], AbstractContextManager[None]],
) -> None:
    trail = str(tmp_path / "trail")
    ending = on_postgresql.submit("chaos.work", trail=trail, seconds=1, says=1)
    waiting = on_postgresql.submit("chaos.work", trail=trail, seconds=0, says=2)
    eventually(lambda: on_postgresql.job(ending["id"])["message"])

    with outage(shared_postgres):
        refused = _submit(on_postgresql, trail)
        eventually(lambda: '"ended"' in Path(trail).read_text())
        let_it_last(OUTAGE_SECONDS)

    assert refused.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert int(refused.headers["Retry-After"]) > 0
    assert _end(on_postgresql, ending)["result"] == {"says": 1}
    assert _end(on_postgresql, waiting)["result"] == {"says": 2}
    accepted = eventually(lambda: _accepted(on_postgresql, trail))
    assert on_postgresql.ended(accepted["id"])["status"] == "finished"
    eventually(on_postgresql.idle_workers)


def _end(system: System, record: Json) -> Json:
    def final() -> Json | None:
        # What asks the very moment the store is back may be the first to notice that it was gone.
        answer = system.http.get(f"/api/jobs/{record['id']}")
        shown: Json = answer.json()
        return shown if shown.get("status") in FINAL else None

    ended = eventually(final, within=30)
    assert ended is not None
    return ended


def _submit(system: System, trail: str) -> httpx.Response:
    body = {"kind": "chaos.work", "params": {"trail": trail, "seconds": 0}}
    return system.http.post("/api/jobs", json=body)


def _accepted(system: System, trail: str) -> Json | None:
    answer = _submit(system, trail)
    return answer.json() if answer.status_code == HTTPStatus.ACCEPTED else None


def _curl(system: System, path: str) -> list[Json]:
    """Every state that curl prints of a job, once it ended by itself."""
    command = ["curl", "-sN", f"http://127.0.0.1:{system.port}{path}"]
    printed = subprocess.run(
        command, capture_output=True, text=True, timeout=CURL_SECONDS, check=True
    )
    blocks = [block for block in printed.stdout.split("\n\n") if "event: job" in block]
    return [json.loads(block.partition("data: ")[2]) for block in blocks]
