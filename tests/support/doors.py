"""A plain RQ application whose workers are of any of the three doors, and a web beside it."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import redis
from rq import Queue, Retry, Worker
from rq.job import Job, JobStatus
from rq.registry import StartedJobRegistry
from rq.results import Result
from rq.utils import as_text

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
# Of each door one worker here, and one that says that it is on another machine.
DOORS = tuple(f"{door} {place}" for door in OPTIONS for place in PLACES)
# Seconds until all workers serve on a busy machine.
BEGIN_SECONDS = 60.0
# When nothing ran for so long, in seconds, nothing is about to.
REST_SECONDS = 1.0
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
    """The running application, its jobs, and who watches it."""

    def __init__(
        self, system: System, connection: redis.Redis, witness: Witness, names: Sequence[str]
    ) -> None:
        self.system = system
        self.witness = witness
        self.names = names
        self.jobs: list[str] = []
        self.queue = Queue(QUEUE, connection=connection)
        self.trail = system.folder / "trail"
        self._redis = connection
        self._started = StartedJobRegistry(queue=self.queue)

    def enqueue(self, function: Callable[..., Any], seconds: float, retry: Retry | None) -> str:
        """A new job's id."""
        self.jobs.append(self.queue.enqueue(function, str(self.trail), seconds, retry=retry).id)
        return self.jobs[-1]

    def restart(self) -> None:
        """Start what does not run; returns when every worker serves."""
        self.system.start()
        eventually(self.serve, within=BEGIN_SECONDS)

    def restart_workers(self) -> None:
        """Start those workers that ended, as whoever looks after them does."""
        # RQ's own end when Redis was away for long, some time after it is back.
        for worker in self._workers:
            if not worker.alive:
                worker.start()

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
            self._wait_for_rest(within)
            # As if the minutes were over that RQ gives a worker.
            self._started.cleanup(time.time() + LONG_SECONDS)
        self._wait_for_rest(within)

    def serve(self) -> bool:
        """True when every worker does."""
        self.restart_workers()
        return self.answers() and len(self._listening) >= len(self.names)

    def answers(self) -> bool:
        """True when Redis does."""
        with suppress(redis.RedisError):
            return bool(self._redis.ping())
        return False

    def times(self, job: str, what: str) -> list[float]:
        """When a job really `began`, or `ended`, so far (Unix times)."""
        return [step["at"] for step in self.steps(job) if step["what"] == what]

    def steps(self, job: str) -> list[dict[str, Any]]:
        """What a job really did so far."""
        lines = self.trail.read_text().splitlines() if self.trail.exists() else []
        return [step for line in lines if (step := json.loads(line))["job"] == job]

    def pid_of(self, job: str) -> int | None:
        """The process in which a job began last, if it still runs below its worker."""
        living = {process.pid for worker in self._workers for process in worker.family()}
        pid = next((step["pid"] for step in reversed(self.steps(job))), None)
        return pid if pid in living else None

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
        begun = {job: [0.0, *self.times(job, "began")] for job in jobs}
        return [job for job in jobs if begun[job][-1] > self._succeeded(job)]

    def _of(self, jobs: list[str]) -> list[Job]:
        return [job for job in Job.fetch_many(jobs, connection=self._redis) if job is not None]

    @property
    def _workers(self) -> list[Program]:
        return [self.system.programs[name] for name in self.names]

    @property
    def _names(self) -> dict[int, str]:
        """The living workers' names by their PID."""
        living = {each.pid for each in self._workers}
        found = Worker.all(connection=self._redis)
        return {each.pid: each.name for each in found if each.pid and each.pid in living}

    @property
    def _listening(self) -> set[str | None]:
        """The names of the workers that live, or whose work-horse does."""
        prefix = "rq:pubsub:"
        found = self._redis.pubsub_channels(f"{prefix}*")
        return {as_text(channel).removeprefix(prefix) for channel in found}

    @property
    def _running(self) -> dict[str | None, str]:
        """The jobs that are started, by the name of their worker."""
        jobs = self._of(self._started.get_job_ids(cleanup=False))
        return {
            job.worker_name: job.id for job in jobs if job.get_status(refresh=False) == "started"
        }

    def _wait_for_rest(self, within: float) -> None:
        # A job between the list and its start is seen nowhere, for a moment.
        busy_at = time.monotonic()

        def rested() -> bool:
            nonlocal busy_at
            if self.queue.count or self._listening & set(self._running):
                busy_at = time.monotonic()
            return time.monotonic() - busy_at > REST_SECONDS

        eventually(rested, within=within)

    def _succeeded(self, job: str) -> float:
        results = Result.all(Job.fetch(job, connection=self._redis))
        good = [each.created_at for each in results if each.type == Result.Type.SUCCESSFUL]
        return min(good).timestamp() if good else float("inf")


@contextmanager
def opened(folder: Path, names: Sequence[str] = DOORS) -> Iterator[Doors]:
    """Start Redis, the web and the workers; end all of it without a trace.

    A worker's name begins with its door and its place.
    """
    system = System(folder)
    commands = {name: procfile()[name] for name in ("redis", "web")}
    for name in names:
        door, place, *_ = name.split()
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
            doors = Doors(system, connection, audience.seat(Witness(system.port)), names)
            eventually(doors.serve, within=BEGIN_SECONDS)
            yield doors


def _signal(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
