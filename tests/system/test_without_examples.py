"""A Headway without the examples: it knows only jobs, and works."""

from __future__ import annotations

from pathlib import Path

from tests.support import behind
from tests.support.system import System
from tests.support.system_end import ended_afterwards


def test_without_the_examples_the_workers_serve_plain_kinds_alone(tmp_path: Path) -> None:
    system = System(tmp_path, kinds="tests.support.toy_jobs", EXAMPLES="0")
    with ended_afterwards(system):
        system.start()
        job = system.ended(system.submit("toy.count", to=2)["id"])
        kinds = [kind["name"] for kind in system.http.get("/api/kinds").json()["kinds"]]
        tables = behind.run(system.settings, "SELECT name FROM sqlite_master")
        page = system.http.get("/jobs/new").text

    assert job["status"] == "finished"
    assert {name.partition(".")[0] for name in kinds} == {"toy"}
    assert not {("characters",), ("stories",)} & set(tables)
    assert "Portrait" not in page
    assert "Try: start a job at" in system.web.output
    assert "character" not in system.worker.output
