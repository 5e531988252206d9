"""One worker runs an application's empty jobs; what each of them cost is read off the system."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import redis
from rq import Queue
from rq.job import Job
from rq.registry import FinishedJobRegistry

from tests.support.waiting import eventually

JOBS = 200
# Jobs before those that count: by then all is loaded.
FIRST_JOBS = 20
# Looks in a row that find no processor time used.
REST_LOOKS = 15
QUEUE = "plain"
# The application: RQ loads it in each work-horse, as it does with every job.
MODULE, SOURCE = "plain_application", "def nothing():\n    pass\n"
LONGEST_SECONDS = 120.0
TICK_MILLISECONDS = 1000 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one job, on average. The processor time is the worker's and its work-horses'."""

    milliseconds: float
    processor_milliseconds: float
    # Processor time of what a worker has beside it.
    recording_milliseconds: float
    page_faults: float
    commands: float
    # Reads of Redis: the commands of a pipeline come in one.
    round_trips: float


def cost_of(options: Sequence[str], folder: Path, redis_url: str) -> Cost:
    """Start a worker with these options of RQ's, and have it run the jobs."""
    (folder / f"{MODULE}.py").write_text(SOURCE)
    variables = {"DATA_DIR": str(folder / "data"), "REDIS_URL": redis_url, "MIRROR": "0"}
    rq = str(Path(sys.executable).with_name("rq"))
    command = [rq, "worker", "-u", redis_url, "-P", str(folder), *options, QUEUE]
    with (folder / "worker.out").open("w") as out, redis.Redis.from_url(redis_url) as connection:
        worker = psutil.Popen(
            command, cwd=folder, env=os.environ | variables, stdout=out, stderr=out
        )
        try:
            _run(connection, FIRST_JOBS)
            _wait_for_rest(worker)
            return _measured(connection, worker)
        finally:
            family = worker.children(recursive=True)
            worker.terminate()
            worker.wait(LONGEST_SECONDS)
            for left in psutil.wait_procs(family, timeout=15)[1]:
                left.kill()


def _measured(connection: redis.Redis, worker: psutil.Popen) -> Cost:
    before, redis_before = _sums(worker), _redis(connection)
    seconds = _run(connection, JOBS)
    after, redis_after = _sums(worker), _redis(connection)
    ticks, others, faults = (now - then for then, now in zip(before, after, strict=True))
    commands, reads = (now - then for then, now in zip(redis_before, redis_after, strict=True))
    return Cost(
        1000 * seconds / JOBS,
        TICK_MILLISECONDS * ticks / JOBS,
        TICK_MILLISECONDS * others / JOBS,
        faults / JOBS,
        commands / JOBS,
        reads / JOBS,
    )


def _wait_for_rest(worker: psutil.Popen) -> None:
    """What records makes the store ready beside the first jobs: not at the cost of the others."""
    looks: deque[int] = deque(maxlen=REST_LOOKS)

    def rests() -> bool:
        looks.append(_sums(worker)[1])
        return len(looks) == REST_LOOKS and looks[0] == looks[-1]

    eventually(rests, within=LONGEST_SECONDS)


def _run(connection: redis.Redis, count: int) -> float:
    """Enqueue so many at once; seconds until all of them have finished."""
    queue = Queue(QUEUE, connection=connection)
    asked = [
        Queue.prepare_data(f"{MODULE}.nothing", result_ttl=3600, timeout=180) for _ in range(count)
    ]
    finished = FinishedJobRegistry(queue=queue)
    known = connection.zcard(finished.key)
    jobs = queue.enqueue_many(asked)
    eventually(lambda: connection.zcard(finished.key) == known + count, within=LONGEST_SECONDS)
    begun = _noted(connection, jobs[0], "started_at")
    return (_noted(connection, jobs[-1], "ended_at") - begun).total_seconds()


def _noted(connection: redis.Redis, job: Job, when: str) -> datetime:
    noted: Any = connection.hget(job.key, when)
    return datetime.fromisoformat(noted.decode())


def _sums(worker: psutil.Popen) -> tuple[int, int, int]:
    """Ticks of the worker and what it has reaped, of its other children, and page faults."""
    ticks, faults = _stat(worker.pid)
    beside = sum(_stat(child.pid)[0] for child in worker.children())
    return ticks, beside, faults


def _stat(pid: int) -> tuple[int, int]:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # it has just ended
        return 0, 0
    fields = [int(field) for field in stat.rpartition(")")[2].split()[7:15]]
    own_faults, reaped_faults, _, _, *ticks = fields
    return sum(ticks), own_faults + reaped_faults


def _redis(connection: redis.Redis) -> tuple[int, int]:
    """Commands and reads of Redis, but the looks whether all is finished."""
    said, looks = (
        connection.info("stats"),
        connection.info("commandstats")["cmdstat_zcard"]["calls"],
    )
    return said["total_commands_processed"] - looks, said["total_reads_processed"] - looks
