"""Two checkouts of Headway on one Redis, as processes: nothing waits for the other's mistakes."""

from __future__ import annotations

import time
from pathlib import Path

from tests.support.system import System
from tests.support.system_end import ended_afterwards

JOBS_OF_EACH = 10
# Seconds for all of them on a busy machine; when each took the other's jobs it was half a minute.
SOON_SECONDS = 8.0


def test_each_runs_its_own_jobs_at_once(shared_system: System, tmp_path: Path) -> None:
    second = System(tmp_path, REDIS_URL=shared_system.redis_url)
    with ended_afterwards(second):
        second.start("web", "worker")
        both = (shared_system, second)
        began = time.monotonic()
        jobs = [
            (each, each.submit("chaos.work", trail=str(tmp_path / "trail"), seconds=0)["id"])
            for _ in range(JOBS_OF_EACH)
            for each in both
        ]
        ends = [each.ended(job_id)["status"] for each, job_id in jobs]
        seconds = time.monotonic() - began

    assert set(ends) == {"finished"}
    assert seconds < SOON_SECONDS
    assert "another Headway" in second.worker.output
    for each in both:
        assert "another Headway's" not in each.worker.output, "a job came into the wrong list"
