"""A reader of a guide: an empty folder, a terminal, and a look at what the page shows."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from rq import Queue

from headway.broker.connection import connected
from tests.support.guides import Command, File, Section, moved
from tests.support.rq_versions import kept_environment, kill, requirements, unpacked_wheel
from tests.support.system import FINAL
from tests.support.valkey import Valkey, free_port
from tests.support.waiting import eventually

# Seconds that a command may take, and until what it started is there, or gone.
LONGEST_SECONDS = 40.0
# What pip finds for the guides, and what the rest of Headway's environment is made for.
VERSIONS = {
    "rq": "3.0.0",
    "redis": "8.1.0",
    "flask-rq": "1.0.0",
    "django-rq": "4.2.0",
    "fastapi": "0.165.0",
    "uvicorn": "0.54.0",
    "quart": "0.22.0",
    "rq-dashboard": "0.9.0",
    "six": "1.17.0",
}
WEB, APPLICATION, DASHBOARD, REDIS = "5000", "8000", "9181", "6379"


@dataclass(frozen=True)
class Laboratory:
    """What all readers share: an environment with what the guides install, and Headway in it."""

    variables: dict[str, str]

    @classmethod
    def of(cls, folder: Path, packages: set[str]) -> Laboratory:
        """Make it, of what the guides install; Headway's wheel is unpacked in `folder`."""
        named = {word.partition("[")[0] for word in packages}
        assert named <= set(VERSIONS), "say which version of it is tried"
        pinned = {f"{word}=={VERSIONS[word.partition('[')[0]]}" for word in packages}
        redis = f"redis[hiredis]=={VERSIONS['redis']}"
        environment = kept_environment("guides", *sorted(pinned), redis, *requirements("web"))
        variables = unpacked_wheel(folder)
        programs = folder / "bin"
        programs.mkdir()
        (programs / "headway").write_text(
            f"#!{environment}/bin/python\nfrom headway.cli import main\nmain()\n"
        )
        (programs / "headway").chmod(0o755)
        path = f"{programs}:{environment}/bin:{variables['PATH']}"
        return cls({**variables, "PATH": path, "PYTHONUNBUFFERED": "1"})


@dataclass
class Reader:
    """Follows a guide; what it starts ends with `leave`."""

    folder: Path
    variables: dict[str, str]
    ports: dict[str, int]
    http: httpx.Client
    seen: set[str] = field(default_factory=set)
    _started: list[tuple[Command, psutil.Popen]] = field(default_factory=list)

    def follow(self, section: Section) -> None:
        """Write what it shows and type what it says; the workers of before are ended first."""
        if any(command.serves for command in section.commands):
            self.leave(workers_only=True)
        for step in section.steps:
            if isinstance(step, File):
                step.write(self.folder, self.ports)
            elif not step.is_pips:
                self._type(step)

    def leave(self, *, workers_only: bool = False) -> None:
        """End what goes on, as Ctrl+C does."""
        going = [each for each in self._started if each[0].serves or not workers_only]
        families = [(process, process.children(recursive=True)) for _, process in going]
        for process, _ in families:
            process.terminate()
        for process, children in families:
            with suppress(psutil.TimeoutExpired, subprocess.TimeoutExpired):
                process.wait(LONGEST_SECONDS / 4)
            for each in (process, *children):
                kill(each)
        self._started = [each for each in self._started if each not in going]

    def new_jobs(self) -> list[dict[str, Any]]:
        """The two jobs that the last section enqueued, once both have ended."""
        jobs: list[dict[str, Any]] = eventually(self._ended, within=LONGEST_SECONDS)
        self.seen |= {job["id"] for job in jobs}
        return [self.job(job["id"]) for job in jobs]

    def enqueue(self, function: str) -> str:
        """Enqueue a function of the application, with no help of its own; the job's id."""
        with connected(self.variables["REDIS_URL"]) as connection:
            return str(Queue(connection=connection).enqueue(function).id)

    def ended(self, job_id: str) -> dict[str, Any]:
        """A job's record, once it is final."""
        return eventually(lambda: self._final(job_id), within=LONGEST_SECONDS)

    def run(self, function: str) -> dict[str, Any]:
        """Enqueue a function; the ended job."""
        return self.ended(self.enqueue(function))

    def listed(self, status: str) -> list[dict[str, Any]]:
        """The jobs in a state."""
        jobs: list[dict[str, Any]] = self.http.get(f"/api/jobs?status={status}").json()["jobs"]
        return jobs

    def job(self, job_id: str) -> dict[str, Any]:
        """A job's record."""
        found: dict[str, Any] = self.http.get(f"/api/jobs/{job_id}").json()
        return found

    def log(self, job_id: str) -> list[str]:
        """The lines of a job's log."""
        lines = self.http.get(f"/api/jobs/{job_id}/log").json()["lines"]
        return [str(line["text"]) for line in lines]

    def page(self, job_id: str) -> str:
        """What a browser gets for a job."""
        return self.http.get(f"/jobs/{job_id}").text

    def said(self) -> str:
        """What everything that goes on has said."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.out")))

    def _type(self, command: Command) -> None:
        words = [moved(word, self.ports) for word in command.words]
        variables = {**self.variables, **command.variables}
        self._wait_for_servers(words)
        if command.stays:
            out = self.folder / f"{len(list(self.folder.glob('*.out')))}.out"
            with out.open("w") as file:
                process = psutil.Popen(
                    words, cwd=self.folder, env=variables, stdout=file, stderr=file
                )
            self._started.append((command, process))
            return
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.stdout}\n{self.said()}"

    def _wait_for_servers(self, words: list[str]) -> None:
        asked = [port for port in self.ports.values() if f":{port}/" in " ".join(words)]
        eventually(lambda: all(is_served(port) for port in asked), within=LONGEST_SECONDS)

    def _final(self, job_id: str) -> dict[str, Any] | None:
        with suppress(httpx.TransportError):
            job = self.job(job_id)
            return job if job.get("status") in FINAL else None
        return None

    def _ended(self) -> list[dict[str, Any]] | None:
        with suppress(httpx.TransportError):
            listed = self.http.get("/api/jobs").json()["jobs"]
            jobs = [job for job in listed if job["id"] not in self.seen]
            if len([job for job in jobs if job["status"] in FINAL]) == 2:
                return sorted(jobs, key=lambda job: str(job["status"]))
        return None


@contextmanager
def reading(laboratory: Laboratory, folder: Path) -> Iterator[Reader]:
    """A reader at an empty folder, with a Redis that is as empty."""
    with tempfile.TemporaryDirectory() as data:
        valkey = Valkey(Path(data))
        valkey.start()
        ports = {name: free_port() for name in (WEB, APPLICATION, DASHBOARD)}
        ports[REDIS] = valkey.port
        variables = {
            **laboratory.variables,
            "REDIS_URL": valkey.url,
            "RQ_REDIS_URL": valkey.url,
            "PORT": str(ports[WEB]),
        }
        with httpx.Client(base_url=f"http://127.0.0.1:{ports[WEB]}", timeout=30) as http:
            reader = Reader(folder, variables, ports, http)
            try:
                yield reader
            finally:
                reader.leave()
                valkey.stop()


def is_served(port: int) -> bool:
    """True when somebody listens there."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
