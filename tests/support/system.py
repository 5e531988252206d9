"""The whole of Headway for a test: the Procfile's own commands as processes on free ports.

It knows nothing of what runs inside; it starts, ends and counts processes and asks over HTTP.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from headway.settings import Settings, read_settings
from tests.support.valkey import free_port
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
KINDS = "tests.support.chaos_kinds"
# Says of a process, and of whatever it starts, to which test's system it belongs.
MARK = "HEADWAY_SYSTEM"
# Seconds for a cold start on a busy machine, and for the whole to end.
START_SECONDS = 40.0
END_SECONDS = 20.0
# After this long, in seconds, honcho kills what it asked to end.
HONCHO_SECONDS = 5.0
FINAL = {"finished", "failed", "stopped", "canceled"}

Json = dict[str, Any]


def procfile() -> dict[str, list[str]]:
    """The Procfile's commands by their names, without where each looks for its Python."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    parts = (line.partition(":") for line in lines if line.strip())
    return {name.strip(): _command(line) for name, _, line in parts}


def _command(line: str) -> list[str]:
    words = shlex.split(line)
    return words[words.index("python") :]


class Program:
    """One line of the Procfile; it may be killed and started again."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], folder: Path):
        self.name = name
        self._command = command
        self._environment = environment
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a process group of its own, as honcho does."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process that the command line became."""
        return self._process.pid if self._process is not None else 0

    @property
    def alive(self) -> bool:
        """True while that process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def output(self) -> str:
        """What it wrote so far, over all its lives."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def family(self) -> list[psutil.Process]:
        """The process and everything below it; nothing once it ended."""
        if not self.alive:
            return []
        process = psutil.Process(self.pid)
        with suppress(psutil.NoSuchProcess):
            return [process, *process.children(recursive=True)]
        return [process]

    def signal(self, number: int) -> None:
        """Send a signal to the one process."""
        if self.alive:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End the one process as a power cut would."""
        self.signal(signal.SIGKILL)
        self.wait()

    def terminate(self) -> int:
        """Ask it to end; returns its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def wait(self, within: float = END_SECONDS) -> int:
        """Its exit code, once it ended."""
        return self._process.wait(within) if self._process is not None else 0


class System:
    """Web, worker and Redis on a folder and ports of their own."""

    def __init__(self, folder: Path, *, kinds: str = KINDS, **variables: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.redis_port = free_port()
        self.environment = _clean_environment() | {
            "DATA_DIR": str(folder / "data"),
            "REDIS_URL": self.redis_url,
            "PORT": str(self.port),
            "KINDS": kinds,
            "PYTHONUNBUFFERED": "1",
            MARK: str(folder),
            **variables,
        }
        self.programs = {
            name: Program(name, command, self.environment, folder)
            for name, command in procfile().items()
        }
        self.web, self.worker = self.programs["web"], self.programs["worker"]
        self.redis = self.programs["redis"]
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    @property
    def redis_url(self) -> str:
        """Where this system's Redis answers."""
        return f"redis://127.0.0.1:{self.redis_port}/0"

    @property
    def settings(self) -> Settings:
        """The settings with which its processes run, as far as tests need them."""
        return read_settings(
            env_file=None,
            data_dir=self.folder / "data",
            redis_url=self.redis_url,
            database_url=self.environment.get("DATABASE_URL", ""),
        )

    def start(self, *names: str) -> None:
        """Start what is named, or all that does not run; returns when it is ready for a job."""
        for name in names or self.programs:
            if not self.programs[name].alive:
                self.programs[name].start()
        eventually(self.ready, within=START_SECONDS)
        if self.worker.alive:
            eventually(self.idle_workers, within=START_SECONDS)

    def ready(self) -> bool:
        """True when the store answers and changes are pushed."""
        with suppress(httpx.TransportError):
            return self.http.get("/readyz").status_code == httpx.codes.OK
        return False

    def idle_workers(self) -> list[Json]:
        """The workers that wait for a job; none before every queue has one."""
        workers: list[Json] = self.http.get("/api/workers").json()["workers"]
        queues = {kind["queue"] for kind in self.http.get("/api/kinds").json()["kinds"]}
        idle = [worker for worker in workers if worker["state"] == "idle"]
        return idle if queues <= {worker["queue"] for worker in idle} else []

    def submit(self, kind: str, **params: Any) -> Json:
        """A new job's record."""
        answer = self.http.post("/api/jobs", json={"kind": kind, "params": params})
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        record: Json = answer.json()
        return record

    def job(self, job_id: str) -> Json:
        """A job's record as the status endpoint tells it."""
        record: Json = self.http.get(f"/api/jobs/{job_id}").raise_for_status().json()
        return record

    def ended(self, job_id: str, within: float = 30.0) -> Json:
        """A job's final record, once it has one."""

        def final() -> Json | None:
            with suppress(httpx.TransportError):
                record = self.job(job_id)
                return record if record["status"] in FINAL else None
            return None

        record = eventually(final, within=within)
        assert record is not None
        return record

    def stop(self) -> None:
        """End every program the way honcho does: asked all at once, killed when they dawdle."""
        for program in self.programs.values():
            program.signal(signal.SIGCONT)
            program.signal(signal.SIGTERM)
        give_up = time.monotonic() + HONCHO_SECONDS
        for program in self.programs.values():
            with suppress(subprocess.TimeoutExpired):
                program.wait(max(0.0, give_up - time.monotonic()))
            program.kill()

    def kill_everything(self) -> None:
        """End every process of this system at once, as a power cut would."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        eventually(lambda: not self.processes())
        for program in self.programs.values():
            program.wait()

    def processes(self) -> list[psutil.Process]:
        """Every living process that this system started, directly or not."""
        # Valkey writes its title over its environment, and with it over the mark.
        known = (process for program in self.programs.values() for process in program.family())
        found = {process.pid: process for process in (*known, *_marked(str(self.folder)))}
        return [process for process in found.values() if _lives(process)]


def _clean_environment() -> dict[str, str]:
    binaries = Path(sys.executable).parent
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}


def _marked(mark: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            if process.environ().get(MARK) == mark:
                yield process


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False
