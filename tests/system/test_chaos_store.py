"""The store cannot be written: whoever asks is refused cleanly, and what runs is told later."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from headway.broker.connection import connected
from tests.support import behind
from tests.support.chaos_outages import (
    disk_full,
    let_it_last,
    small_disk,
    store_locked,
    store_read_only,
)
from tests.support.chaos_scene import Scene, kill, staged, watched
from tests.support.system import System
from tests.support.waiting import eventually

Outage = Callable[[System], AbstractContextManager[None]]

LOCKED_SECONDS = 10.0
# An answer that says no has come by then, in seconds.
REFUSED_SECONDS = 8.0
# Seconds until what could not be written is written.
WRITTEN_SECONDS = 10.0
# How a killed job's end is told; a full disk stops Redis too, and that ends who knew better.
DEATHS = {"Killed", "WorkerLost"}
CHARACTER = {"name": "Ada", "age": "36", "gender": "female", "art_style": "watercolor"}
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(200_000)


@dataclass(frozen=True, slots=True)
class Footprint:
    """All that a submit leaves behind."""

    jobs: frozenset[str]
    characters: frozenset[str]
    in_rq: frozenset[str]
    uploads: frozenset[str]


def test_a_locked_store_refuses_submits_and_gets_every_end_later(scene: Scene) -> None:
    _ride_out(scene, store_locked, LOCKED_SECONDS)


def test_a_read_only_store_refuses_submits_and_gets_every_end_later(scene: Scene) -> None:
    try:
        _ride_out(scene, store_read_only)
    except PermissionError as error:
        pytest.skip(str(error))


def test_a_full_disk_refuses_submits_and_gets_every_end_later(tmp_path: Path) -> None:
    system = System(tmp_path)
    try:
        with small_disk(system), staged(system) as scene, watched(scene):
            _ride_out(scene, disk_full)
    except PermissionError as error:
        pytest.skip(str(error))


def _ride_out(scene: Scene, outage: Outage, seconds: float = 0) -> None:
    """Jobs that work on, end and die while nothing can be written, and submits that are refused."""
    through = scene.submit(seconds=seconds + 3, says=1)
    ending = scene.submit(seconds=1, says=2)
    dying = scene.submit(seconds=60)
    horses = [scene.running(job) for job in (through, ending, dying)]
    before = _footprint(scene)

    with outage(scene.system):
        over = time.monotonic() + seconds
        kill(horses[2].pid)
        _is_refused(scene, lambda: _submit_job(scene))
        _is_refused(scene, lambda: _submit_character(scene))
        eventually(lambda: len(scene.trail.steps(ending)) == 2)
        let_it_last(max(0.0, over - time.monotonic()))
        assert [scene.system.job(job)["status"] for job in (ending, dying)] == ["started"] * 2
        after = _footprint(scene)

    assert after == before
    assert scene.ended(ending, WRITTEN_SECONDS)["result"] == {"says": 2}
    assert scene.ended(dying, WRITTEN_SECONDS)["error"]["type"] in DEATHS
    assert scene.ended(through)["result"] == {"says": 1}
    assert scene.ended(scene.submit(says=3))["result"] == {"says": 3}
    assert _footprint(scene).uploads == before.uploads


def _is_refused(scene: Scene, submit: Callable[[], httpx.Response]) -> None:
    asked_at = time.monotonic()
    answer = submit()
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert time.monotonic() - asked_at < REFUSED_SECONDS
    assert str(scene.system.folder) not in answer.text


def _submit_job(scene: Scene) -> httpx.Response:
    body = {"kind": "chaos.work", "params": {"trail": str(scene.trail)}}
    return scene.system.http.post("/api/jobs", json=body)


def _submit_character(scene: Scene) -> httpx.Response:
    photo = {"reference_photo": ("me.png", PHOTO, "image/png")}
    return scene.system.http.post("/api/characters", data=CHARACTER, files=photo)


def _footprint(scene: Scene) -> Footprint:
    settings = scene.system.settings
    with connected(scene.system.redis_url) as redis:
        in_rq = frozenset(key.decode() for key in redis.scan_iter("rq:job:*"))
    return Footprint(
        jobs=frozenset(row[0] for row in behind.run(settings, "SELECT id FROM jobs")),
        characters=frozenset(row[0] for row in behind.run(settings, "SELECT id FROM characters")),
        in_rq=in_rq,
        uploads=frozenset(path.name for path in (settings.data_dir / "uploads").glob("*")),
    )
