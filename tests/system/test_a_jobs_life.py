"""A job from submit to finish, as people and scripts see it from outside."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import httpx

from tests.support.system import System
from tests.support.waiting import eventually

PNG = b"\x89PNG\r\n\x1a\n"
# Seconds in which a portrait is painted on a busy machine.
PORTRAIT_SECONDS = 60.0


def curl(system: System, path: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What curl says of a path, once it ended by itself."""
    url = f"http://127.0.0.1:{system.port}{path}"
    command = ["curl", "--silent", "--no-buffer", *options, url]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_curl_prints_a_jobs_life_and_exits(shared_system: System, tmp_path: Path) -> None:
    record = shared_system.submit("chaos.work", trail=str(tmp_path / "trail"), seconds=1, says=7)

    printed = curl(shared_system, record["links"]["events"])

    assert printed.returncode == 0, printed.stderr
    blocks = [block for block in printed.stdout.split("\n\n") if "event: job" in block]
    states = [json.loads(block.partition("data: ")[2]) for block in blocks]
    seqs = [state["seq"] for state in states]
    assert seqs == sorted(set(seqs))
    assert any(0 < (state["progress"] or 0) < 100 for state in states)
    assert states[-1]["status"] == "finished"
    assert states[-1]["result"] == {"says": 7}
    assert all("params" not in state for state in states)
    assert printed.stdout.startswith("retry: 2000\nid: ")
    assert all("id: " in block for block in blocks)
    *_, last, after_it = printed.stdout.split("\n\n")
    assert (last.partition("\n")[0], after_it) == ("event: end", "")


def test_a_client_that_has_seen_the_end_is_told_that_nothing_more_will_come(
    shared_system: System, tmp_path: Path
) -> None:
    record = shared_system.submit("chaos.work", trail=str(tmp_path / "trail"), seconds=0)
    path = record["links"]["events"]
    last_id = curl(shared_system, path).stdout.rpartition("id: ")[2].partition("\n")[0]

    again = curl(
        shared_system, path, "-H", f"Last-Event-ID: {last_id}", "--write-out", "%{http_code}"
    )

    assert again.stdout == "204"


def test_the_stream_the_status_endpoint_and_the_list_tell_the_same_end(
    shared_system: System, tmp_path: Path
) -> None:
    record = shared_system.submit("chaos.work", trail=str(tmp_path / "t"), seconds=0.2, fails=True)
    printed = curl(shared_system, record["links"]["events"]).stdout
    streamed = printed.partition("event: end")[0].rpartition("data: ")[2]

    shown = shared_system.job(record["id"])
    listed = shared_system.http.get("/api/jobs", params={"status": "failed"}).json()["jobs"]

    assert json.loads(streamed) in listed
    assert shown["error"].pop("traceback").endswith("ValueError: meant to fail\n")
    assert shown.pop("params")["fails"] is True
    assert shown.pop("waits_for") is None
    assert shown == json.loads(streamed)


def test_a_character_gets_its_portrait(shared_system: System) -> None:
    wanted = {"name": "Ada", "age": 36, "gender": "female", "art_style": "watercolor"}
    answer = shared_system.http.post("/api/characters", json=wanted)
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    character, job = answer.json()["character"], answer.json()["job"]

    assert shared_system.ended(job["id"], PORTRAIT_SECONDS)["status"] == "finished"

    shown = shared_system.http.get(f"/api/characters/{character['id']}").json()
    how_far = shared_system.http.get(shown["links"]["generation_status"]).json()
    portrait = shared_system.http.get(shown["portrait"])
    assert how_far["generation_status"] == "completed"
    assert how_far["progress_percentage"] == 100
    assert portrait.headers["content-type"] == "image/png"
    assert portrait.content.startswith(PNG)


def test_a_worker_that_was_busy_is_idle_again(shared_system: System, tmp_path: Path) -> None:
    record = shared_system.submit("chaos.work", trail=str(tmp_path / "trail"), seconds=0.5)
    busy = eventually(
        lambda: [w for w in _workers(shared_system) if w["current_job"] == record["id"]]
    )
    assert busy[0]["state"] == "busy"

    shared_system.ended(record["id"])

    assert eventually(shared_system.idle_workers)


def _workers(system: System) -> list[dict[str, object]]:
    workers: list[dict[str, object]] = system.http.get("/api/workers").json()["workers"]
    return workers
