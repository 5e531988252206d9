"""A plain RQ application whose workers are of all three doors, and a web that shows its jobs.

Of each door one worker is on this machine, and one says that it is on another.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import redis
from rq import Queue, Worker
from rq.job import Job, JobStatus
from rq.registry import StartedJobRegistry
from rq.results import Result

from headway.broker.connection import connected
from headway.maintenance.follower import STATUSES
from tests.support.chaos_audience import Audience
from tests.support.system import Program, System, procfile
from tests.support.system_end import ended_afterwards
from tests.support.system_stream import Received
from tests.support.system_watchers import ListWatcher
from tests.support.waiting import eventually

QUEUE = "application"
MODULE = "tests.support.doors_application"
# RQ's options for a worker of each door.
OPTIONS: dict[str, tuple[str, ...]] = {
    "1": (),
    "2": ("-c", "headway.rq"),
    "3": ("-w", "headway.Worker"),
}
# Where a worker is, and what starts it there.
PLACES = {"here": ("rq",), "elsewhere": ("python", "-m", "tests.support.elsewhere")}
DOORS = tuple(f"{door} {place}" for door in OPTIONS for place in PLACES)
# Seconds until all workers serve on a busy machine.
BEGIN_SECONDS = 60.0
# Beyond what RQ gives a worker that says nothing, in seconds.
LONG_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class Loss:
    """A job that ended with its worker, and when (Unix time)."""

    door: str
    job: str
    at: float


class Witness(ListWatcher):
    """Somebody at the dashboard who notes when jobs were named as lost (Unix time)."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.named: dict[str, list[float]] = {}

    def take(self, event: Received) -> None:
        """The same, and whether it says that a job's worker is lost."""
        super().take(event)
        if event.name == "job" and event.data["stalled"]:
            self.named.setdefault(event.data["id"], []).append(time.time())


class Doors:
    """The running application, and who watches it."""

    def __init__(self, system: System, connection: redis.Redis, witness: Witness) -> None:
        self.system = system
        self.witness = witness
        self.queue = Queue(QUEUE, connection=connection)
        self.trail = system.folder / "trail"
        self._redis = connection
        self._started = StartedJobRegistry(queue=self.queue)

    def kill(self, door: str, *, alone: bool) -> Loss | None:
        """End a worker, alone or with its work-horse; returns the job that this ended too."""
        worker = self.system.programs[door]
        family = worker.family()
        _signal(family, signal.SIGSTOP)  # nothing happens while we look
        job = self._running.get(self._names.get(worker.pid, ""))
        if alone:  # the kernel would end a group that is stopped when its parent dies
            _signal(family[1:], signal.SIGCONT)
        _signal(family[:1] if alone else family, signal.SIGKILL)
        worker.wait()
        # A work-horse of Headway's worker never outlives it.
        lost = job is not None and (not alone or door.startswith("3"))
        return Loss(door, job, time.time()) if job and lost else None

    def rest(self, within: float) -> None:
        """Wait until nothing runs any more, also of what RQ runs again of lost workers' jobs."""
        for _ in range(2):
            eventually(self._is_at_rest, within=within)
            # As if the minutes were over that RQ gives a worker.
            self._started.cleanup(time.time() + LONG_SECONDS)
        eventually(self._is_at_rest, within=within)

    def serve(self) -> bool:
        """True when every worker does."""
        return {each.pid for each in self._workers if each.alive} == set(self._names)

    def statuses(self, jobs: list[str]) -> dict[str, str]:
        """What RQ says of each job, in Headway's words."""
        return {
            job.id: str(STATUSES[job.get_status(refresh=False).value]) for job in self._of(jobs)
        }

    def died(self, jobs: list[str]) -> set[str]:
        """Jobs that RQ has as failed, though their function does not fail."""
        return {
            job.id
            for job in self._of(jobs)
            if job.get_status(refresh=False) == JobStatus.FAILED
            and job.func_name != f"{MODULE}.fail"
        }

    def shown(self, jobs: list[str]) -> dict[str, str]:
        """What the page says of each job."""
        return {job: self.witness.jobs[job]["status"] for job in jobs if job in self.witness.jobs}

    def ran_after_success(self, jobs: list[str]) -> list[str]:
        """Jobs that began once more after RQ had them as finished."""
        begun: dict[str, float] = {}
        for line in self.trail.read_text().splitlines():
            step = json.loads(line)
            if step["what"] == "began":
                begun[step["job"]] = step["at"]
        return [job for job in jobs if begun.get(job, 0) > self._succeeded(job)]

    def _of(self, jobs: list[str]) -> list[Job]:
        return [job for job in Job.fetch_many(jobs, connection=self._redis) if job is not None]

    @property
    def _workers(self) -> list[Program]:
        return [self.system.programs[door] for door in DOORS]

    @property
    def _names(self) -> dict[int, str]:
        """The living workers' names by their PID."""
        living = {each.pid for each in self._workers}
        found = Worker.all(connection=self._redis)
        return {each.pid: each.name for each in found if each.pid and each.pid in living}

    @property
    def _running(self) -> dict[str | None, str]:
        """The jobs that are started, by the name of their worker."""
        jobs = self._of(self._started.get_job_ids(cleanup=False))
        return {
            job.worker_name: job.id for job in jobs if job.get_status(refresh=False) == "started"
        }

    def _is_at_rest(self) -> bool:
        living = set(self._names.values())
        return not self.queue.count and not living & set(self._running)

    def _succeeded(self, job: str) -> float:
        results = Result.all(Job.fetch(job, connection=self._redis))
        good = [each.created_at for each in results if each.type == Result.Type.SUCCESSFUL]
        return min(good).timestamp() if good else float("inf")


@contextmanager
def opened(folder: Path) -> Iterator[Doors]:
    """Start Redis, the web and the workers; end all of it without a trace."""
    system = System(folder)
    commands = {name: procfile()[name] for name in ("redis", "web")}
    for name in DOORS:
        door, place = name.split()
        work = (*PLACES[place], "worker", "--quiet", "-u", system.redis_url)
        commands[name] = [*work, *OPTIONS[door], QUEUE]
    system.programs = {
        name: Program(name, command, system.environment, folder)
        for name, command in commands.items()
    }
    system.web, system.redis = system.programs["web"], system.programs["redis"]
    with ended_afterwards(system), Audience(system.port) as audience:
        system.start()
        with connected(system.redis_url) as connection:
            doors = Doors(system, connection, audience.seat(Witness(system.port)))
            eventually(doors.serve, within=BEGIN_SECONDS)
            yield doors


def _signal(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
