"""The guides, each followed by a new user in an empty folder: what they say is what is seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from rq.job import Job

from headway.broker.connection import connected
from tests.support.guide_reader import DASHBOARD, Laboratory, Reader, reading
from tests.support.guides import FOLDER, NOTHING_CHANGED, Section, sections
from tests.support.rq_versions import INSTALL_SECONDS
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(2 * INSTALL_SECONDS)

GUIDES = sorted(path.stem for path in FOLDER.glob("*.md"))

# RQ has a registry for each of these.
REGISTRIES = ("started", "deferred", "finished", "canceled", "scheduled", "failed")
# Jobs that end in odd ways, for the end of an application.
ODD_JOBS = """
import os, time

def die():
    print("dying")
    os.kill(os.getpid(), 9)

def leave():
    os._exit(1)

def start_a_program():
    print("before")
    os.system("echo from a program")

def hang():
    from headway import report
    report(40, "Hanging")
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """The packages that all guides install, and Headway's wheel."""
    packages = {
        each for guide in GUIDES for section in sections(guide) for each in section.packages
    }
    return Laboratory.of(tmp_path_factory.mktemp("wheel"), packages)


@pytest.mark.parametrize("guide", ["plain-rq", "flask-rq", "quart", "django-rq", "fastapi"])
def test_an_application_is_shown_as_its_guide_says(
    laboratory: Laboratory, tmp_path: Path, guide: str
) -> None:
    with reading(laboratory, tmp_path) as reader:
        for section in sections(guide):
            reader.follow(section)
            if any(command.serves for command in section.commands):
                shows_a_good_and_a_bad_job(reader, section)


@contextmanager
def recorded(laboratory: Laboratory, folder: Path, guide: str, more: str = "") -> Iterator[Reader]:
    """A guide's application, with `more` at the end of its `app.py`, in a worker that records."""
    begin, nothing_changed, records, *_ = sections(guide)
    with reading(laboratory, folder) as reader:
        reader.follow(begin)
        (folder / "app.py").write_text((folder / "app.py").read_text() + more)
        reader.follow(nothing_changed.only("headway web"))
        reader.follow(records.only("rq worker"))
        yield reader


def agreed_numbers(reader: Reader) -> dict[str, Any] | None:
    """How many jobs are in each state, and the workers; None until both say the same of the end."""
    dashboard = f"http://127.0.0.1:{reader.ports[DASHBOARD]}/0/data"
    with suppress(httpx.TransportError):
        (queue,) = httpx.get(f"{dashboard}/queues.json").json()["queues"]
        its_workers = httpx.get(f"{dashboard}/workers.json").json()["workers"]
        states = {state: queue[f"{state}_job_registry_count"] for state in REGISTRIES}
        its = {
            "jobs": {state: number for state, number in states.items() if number},
            "queued": queue["count"],
            "workers": {each["name"] for each in its_workers},
        }
        counts = reader.http.get("/api/counts").json()["counts"]
        workers = reader.http.get("/api/workers").json()["workers"]
        ours = {
            "jobs": {state: counts[state] for state in REGISTRIES if counts[state]},
            "queued": counts["queued"],
            "workers": {each["name"] for each in workers},
        }
        over = not its["queued"] and "started" not in its["jobs"]
        return ours if its == ours and its["workers"] and over else None
    return None


def shows_a_good_and_a_bad_job(reader: Reader, section: Section) -> None:
    """One with its result, one with its traceback, and both with a log where they are recorded."""
    bad, good = reader.new_jobs()
    is_recorded = section.title != NOTHING_CHANGED

    assert (good["status"], bad["status"]) == ("finished", "failed"), reader.said()
    assert good["kind"].endswith("count_words")
    assert good["result"] > 5
    assert bad["error"]["type"] == "FileNotFoundError"
    assert "in count_words" in bad["error"]["traceback"]
    assert "in count_words" in reader.page(bad["id"])
    assert (good["recorded"], bad["recorded"]) == (is_recorded, is_recorded), reader.said()
    for job in (good, bad) if is_recorded else ():
        lines = reader.log(job["id"])
        assert lines and lines[0].startswith("Counting the words of "), (job, lines, reader.said())


def test_a_process_of_flask_rqs_is_recorded_to_its_end(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    with recorded(laboratory, tmp_path, "flask-rq", ODD_JOBS) as reader:
        killed, left, printed = (
            reader.run(f"app.{name}") for name in ("die", "leave", "start_a_program")
        )
        lines = reader.log(printed["id"])
        hanging = reader.enqueue("app.hang")
        eventually(lambda: reader.job(hanging).get("message") == "Hanging")
        reader.http.post(f"/api/jobs/{hanging}/stop").raise_for_status()
        stopped = reader.ended(hanging)

    assert (stopped["status"], stopped["progress"]) == ("stopped", 40.0)
    assert killed["error"]["message"].startswith("Killed by signal 9 (SIGKILL)")
    assert left["error"]["message"] == "The process ended with exit code 1 before the job did."
    assert lines[0] == "before"


def test_what_a_coroutine_raises_is_in_its_log_where_flask_rq_loses_it(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    lost = "\nasync def lose():\n    raise RuntimeError('lost')\n"
    with recorded(laboratory, tmp_path, "quart", lost) as reader:
        job = reader.run("app.lose")
        lines = reader.log(job["id"])

    assert (job["status"], job["result"]) == ("finished", None)
    assert lines[-1] == "RuntimeError: lost"


def test_rq_dashboard_and_headway_show_the_same_numbers(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    with reading(laboratory, tmp_path) as reader:
        reader.follow(sections("plain-rq")[0])
        for section in sections("from-rq-dashboard"):
            reader.follow(section)

        agreed = eventually(lambda: agreed_numbers(reader))

    assert agreed["jobs"] == {"finished": 2, "failed": 2}
    assert len(agreed["workers"]) == 1


def test_without_headway_the_jobs_run_on(laboratory: Laboratory, tmp_path: Path) -> None:
    begin, nothing_changed, records, *_ = sections("plain-rq")
    with reading(laboratory, tmp_path) as reader:
        for section in (begin, nothing_changed.only("headway web"), records):
            reader.follow(section)
        reader.new_jobs()
        reader.leave(workers_only=True)
        reader.follow(records.only("enqueue.py"))
        waiting = eventually(lambda: reader.listed("queued"))
        reader.leave()

        del reader.variables["PYTHONPATH"]
        for section in sections("the-way-back"):
            reader.follow(section)

        with connected(reader.variables["REDIS_URL"]) as redis:
            ended = {Job.fetch(job["id"], redis).get_status() for job in waiting}
            kept = [key for key in redis.scan_iter("*headway*") if redis.ttl(key) > 60]
            forever = [key for key in redis.scan_iter("*headway*") if redis.ttl(key) == -1]

    assert len(waiting) == 2
    assert ended == {"finished", "failed"}
    assert kept + forever == []
    assert not (tmp_path / "data").exists()
