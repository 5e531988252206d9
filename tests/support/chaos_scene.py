"""The scene of a chaos: a whole Headway, several workers for its jobs, and people who watch.

Tests of one module share it; each ends with everything at rest and every invariant held.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil

from tests.support.chaos_audience import ONGOING, Audience
from tests.support.chaos_held import Held, most_held
from tests.support.chaos_invariants import assert_invariants, assert_let_go
from tests.support.chaos_kinds import QUEUE
from tests.support.chaos_network import Network
from tests.support.chaos_seqs import keep_seqs
from tests.support.chaos_trail import Step, Trail
from tests.support.system import Json, Program, System, procfile
from tests.support.system_end import ended_afterwards
from tests.support.waiting import eventually

# So many worker processes serve the jobs, the Procfile's one among them: as many jobs can be in
# different phases of their lives when something happens.
WORKERS = 3
# Seconds for something to begin on a busy machine.
BEGIN_SECONDS = 20.0


class Scene:
    """A running system, what its jobs really did, and the audience."""

    def __init__(self, system: System, port: int) -> None:
        self.system = system
        self.trail = Trail(system.folder / "trail")
        self.audience = Audience(port)
        self.accepted: list[str] = []
        self.at_rest: Held = {}

    def submit(self, kind: str = "chaos.work", **params: Any) -> str:
        """A new job's id."""
        record = self.system.submit(kind, trail=str(self.trail), **params)
        self.accepted.append(record["id"])
        return str(record["id"])

    def begun(self, job: str, attempt: int = 1, *, within: float = BEGIN_SECONDS) -> Step:
        """When and where a job's attempt began, once it did."""
        return eventually(lambda: self.trail.began(job, attempt), within=within)

    def running(self, job: str) -> Step:
        """The same, once the job has also said so itself."""
        step = self.begun(job, within=BEGIN_SECONDS)
        eventually(lambda: self.system.job(job)["message"])
        return step

    def ended(self, job: str, within: float = 30.0) -> Json:
        """A job's final record."""
        return self.system.ended(job, within)

    def workers(self) -> list[Json]:
        """The workers that serve the jobs of chaos and live."""
        # A killed worker is shown as what it was until its lease is over.
        living = {process.pid for each in self.supervisors for process in each.family()}
        shown: list[Json] = self.system.http.get("/api/workers").json()["workers"]
        return [worker for worker in shown if worker["queue"] == QUEUE and worker["pid"] in living]

    def all_idle(self) -> bool:
        """True when every worker process waits for a job."""
        return [worker["state"] for worker in self.workers()] == ["idle"] * WORKERS

    def restart(self) -> None:
        """Start what does not run; returns when everything is ready."""
        self.system.start()
        eventually(self.all_idle, within=BEGIN_SECONDS)

    def kill(self, *programs: Program) -> None:
        """End these programs and everything below them at once, as a power cut would."""
        for process in [process for program in programs for process in program.family()]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        for program in programs:
            program.wait()

    @property
    def supervisors(self) -> list[Program]:
        """The programs that run workers for the jobs of chaos."""
        return [p for name, p in self.system.programs.items() if name.startswith("worker")]

    def supervisor_of(self, pid: int) -> Program:
        """The program to which a process belongs."""
        return next(p for p in self.supervisors if pid in {each.pid for each in p.family()})


def kill(pid: int) -> None:
    """End one process as the kernel would."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@contextmanager
def staged(system: System, network: Network | None = None) -> Iterator[Scene]:
    """Start everything, connected by a network if there is one; end it without a trace."""
    _cast(system, network)
    scene = Scene(system, network.port if network else system.port)
    with ended_afterwards(system), scene.audience:
        system.start()
        keep_seqs(system.settings)
        scene.restart()
        _warm_up(scene)
        yield scene
        # Once for all its tests: Hypercorn keeps what a client has closed for 5 s.
        assert_let_go(scene)


@contextmanager
def watched(scene: Scene) -> Iterator[Scene]:
    """One chaos, with people at the dashboard; at its end everything is at rest and true."""
    scene.audience.at_the_dashboard()
    scene.audience.at_the_dashboard(ONGOING)
    yield scene
    scene.restart()
    assert_invariants(scene)


def _cast(system: System, network: Network | None) -> None:
    """Give the system its programs: the Procfile's, and more workers."""
    commands = procfile()
    for number in range(1, WORKERS):
        commands[f"worker-{number}"] = ["python", "run_worker.py", "--queues", QUEUE]
    for name, command in commands.items():
        environment = dict(system.environment)
        if network is not None and name != "redis":
            environment["REDIS_URL"] = network.redis_url_of(name)
        system.programs[name] = Program(name, command, environment, system.folder)
    system.web, system.worker = system.programs["web"], system.programs["worker"]
    system.redis = system.programs["redis"]


def _warm_up(scene: Scene) -> None:
    # What is made once is made now, and does not count as left behind.
    scene.ended(scene.submit(seconds=0))
    scene.at_rest = most_held(scene.system)
