"""Jobs and worker classes of an application that uses RQ and was written without Headway."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import rq
from rq import Callback, Retry, get_current_job
from rq.job import Job
from rq.queue import Queue

# Seconds that a job waits for its gate at most.
LONGEST_SECONDS = 30


def add(a: int, b: int = 1) -> int:
    """Print, and return a sum."""
    print("adding", a, "and", b)
    return a + b


def fail() -> None:
    raise RuntimeError("not today")


def fail_once(path: str) -> str:
    """Fail in the first run."""
    if Path(path).exists():
        return "second time"
    Path(path).touch()
    raise RuntimeError("not yet")


def again() -> Retry:
    """Ask to be run again, as often as that may be."""
    return Retry(max=1)


def rest(seconds: float) -> None:
    time.sleep(seconds)


def leave() -> None:
    os._exit(0)


def kill() -> None:
    os.kill(os.getpid(), 9)


def shout() -> None:
    """Write to the standard output, and error, in every way there is."""
    print("from Python")
    os.write(1, b"from a system call\n")
    os.system("echo from a shell")
    subprocess.run(["echo", "from a program"], check=True)
    libc = ctypes.CDLL(None)
    libc.puts(b"from C")
    libc.fflush(None)
    print("to the error", file=sys.stderr)
    for step in range(300):
        print(f"\rstep {step}", end="", flush=True)
    print()
    os.write(1, b"no line's end")


def shout_and_die() -> None:
    """Print a thousand lines, and be killed at once."""
    for number in range(1000):
        print("line", number)
    os.kill(os.getpid(), 9)


def leave_a_talker(path: str) -> None:
    """Start a program that goes on after the job, and writes."""
    program = f"sleep 0.5; echo too late; echo done > {path}"
    subprocess.Popen(["sh", "-c", program], start_new_session=True)


def write_much(megabytes: int) -> None:
    for _ in range(megabytes):
        os.write(1, (b"x" * 1023 + b"\n") * 1024)


def give_back(value: Any) -> Any:
    return value


def wait(path: str) -> str:
    """Say how far it is, as many applications do, and wait for a file."""
    job = get_current_job()
    assert job is not None
    job.meta["progress"] = {"current": 1, "total": 4, "message": "Waiting"}
    job.save_meta()  # type: ignore[no-untyped-call]  # untyped in RQ
    give_up = time.monotonic() + LONGEST_SECONDS
    while not Path(path).exists() and time.monotonic() < give_up:
        time.sleep(0.02)
    return "waited"


class Noticed:
    """An argument that notes in a file which processes load it from its pickle."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        with Path(self.path).open("a") as file:
            file.write(f"{os.getpid()}\n")


def ids(_: Noticed) -> tuple[int, int]:
    """The worker's process id and its work-horse's."""
    return os.getppid(), os.getpid()


class SuspiciousJob(Job):
    """A job class of the application's own, as Redash has one."""


class SuspiciousQueue(Queue):
    """A queue class of the application's own."""


class WatchfulWorker(rq.Worker):
    """A worker with a way of its own to watch its work-horse, as Redash has one."""

    queue_class = SuspiciousQueue
    job_class = SuspiciousJob

    def monitor_work_horse(self, job: Job, queue: Queue, *execution: Any) -> None:
        """Say that it watches."""
        print("watching", job.id)
        super().monitor_work_horse(job, queue, *execution)


class ConnectedWorker(rq.Worker):
    """A worker that does something around each job, as django-rq's and Tracim's do."""

    def perform_job(self, job: Job, queue: Queue, *execution: Any) -> bool:
        """Open, run, close."""
        print("opened a session")
        try:
            return super().perform_job(job, queue, *execution)
        finally:
            print("closed the session")


class HandledWorker(rq.Worker):
    """A worker with an exception handler of the application's own, as FlexMeasures has one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options["exception_handlers"] = [note_the_exception]
        super().__init__(*args, **options)


def note_the_exception(job: Job, *exc_info: Any) -> bool:
    print("handled", exc_info[1])
    return True


ON_FAILURE = Callback("tests.support.rq_application.note_the_failure")


def note_the_failure(job: Job, *_: Any) -> None:
    print("called back")
