"""Runs all that applications do with one version of RQ, in each sort of worker, at once."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired

import psutil

from headway.errors import StoreUnavailable, UnknownJob
from headway.maintenance.reconciler import reconcile_until
from headway.model.record import Record
from headway.settings import Settings, read_settings
from headway.store import ensure_schema, open_writer
from tests.support import behind
from tests.support.adoption import ROWS
from tests.support.rq_versions import kill, with_headway
from tests.support.valkey import Valkey
from tests.support.waiting import eventually

APPLICATION = Path(__file__).with_name("adopted")
# RQ's options for each way to be recorded. A queue is named for who serves and what writes it.
WORKERS = {
    "Worker": ("-c", "headway.rq", "-w", "rq.Worker"),
    "SimpleWorker": ("-c", "headway.rq", "-w", "rq.SimpleWorker"),
    "HeadwayWorker": ("-w", "headway.Worker"),
}
SERIALIZERS = {
    "pickle": "rq.serializers.DefaultSerializer",
    "json": "rq.serializers.JSONSerializer",
}
QUEUES = tuple(f"{worker}-{serializer}" for worker in WORKERS for serializer in SERIALIZERS)
# Seconds until all of it has run, and until a worker has left.
LONGEST_SECONDS = 45.0
LEAVING_SECONDS = 15.0
# Until a web beside it has seen the end of all.
SEEN_SECONDS = 15.0
SHOWN_CHARACTERS = 90
# What differs with every run.
MEMORY = re.compile(r", peak memory \d+ MiB")


@dataclass
class Seen:
    """What was seen of each job, by its queue and the row's name."""

    rq: dict[tuple[str, str], str] = field(default_factory=dict)
    records: dict[tuple[str, str], Record | None] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    # The states that a web beside all this has, with a store of its own.
    beside: dict[tuple[str, str], str] = field(default_factory=dict)

    def of(self, queue: str) -> dict[str, tuple[str, str]]:
        """What RQ and the record say of each of a queue's jobs, as the table has it."""
        found = [name for of, name in self.rq if of == queue]
        return {name: (self.rq[queue, name], self.texts[queue, name]) for name in found}


def run(version: str, folder: Path, valkey: Valkey) -> Seen:
    """Enqueue every row's job in every queue, have them run, and look at what became of them."""
    python, variables = with_headway(version, folder)
    app = folder / "app"
    shutil.copytree(APPLICATION, app)
    settings = read_settings(env_file=None, data_dir=folder / "data", redis_url=valkey.url)
    variables |= {"DATA_DIR": str(settings.data_dir)}
    beside = read_settings(env_file=None, data_dir=folder / "beside", redis_url=valkey.url)
    command = [str(python / "bin" / "python"), "enqueue.py", valkey.url, *QUEUES]
    with Popen(command, cwd=app, env=variables, stdin=PIPE, stdout=PIPE, text=True) as application:
        jobs: dict[str, list[str]] = json.loads(_line(application))
        with _looking(beside), _workers(python, app, variables, valkey.url):
            with suppress(AssertionError):
                eventually(lambda: _is_over(settings, version, jobs), within=LONGEST_SECONDS)
            seen = Seen(rq=_said(application))
            with suppress(AssertionError):
                eventually(lambda: _states(beside, seen) == state_of(seen.rq), within=SEEN_SECONDS)
            seen.beside = _states(beside, seen)
    for queue, name in seen.rq:
        record = _record(settings, f"{name}-{queue}")
        seen.records[queue, name] = record
        seen.texts[queue, name] = _text(settings, record)
    return seen


def state_of(rq: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """What a job's record says of its state where RQ says this; RQ drops only what finished."""
    words = {key: text.partition(":")[0].partition(";")[0] for key, text in rq.items()}
    return {key: "finished" if word == "gone" else word for key, word in words.items()}


def _states(settings: Settings, seen: Seen) -> dict[tuple[str, str], str]:
    found = {key: _record(settings, f"{key[1]}-{key[0]}") for key in seen.rq}
    return {key: str(record.status) if record else "none" for key, record in found.items()}


@contextmanager
def _looking(settings: Settings) -> Iterator[None]:
    """Look at RQ as a web does, with nothing in the application."""
    ensure_schema(settings)
    over = threading.Event()
    looks = threading.Thread(
        target=reconcile_until, args=(over, settings), kwargs={"queues": False}
    )
    looks.start()
    try:
        yield
    finally:
        over.set()
        looks.join(LEAVING_SECONDS)


@contextmanager
def _workers(python: Path, app: Path, variables: dict[str, str], url: str) -> Iterator[None]:
    workers = []
    for queue in QUEUES:
        worker, _, serializer = queue.partition("-")
        options = ("-u", url, "-S", SERIALIZERS[serializer], "--with-scheduler", queue)
        with (app.parent / f"{queue}.out").open("w") as out:
            command = [str(python / "bin" / "rq"), "worker", *WORKERS[worker], *options]
            workers.append(psutil.Popen(command, cwd=app, env=variables, stdout=out, stderr=out))
    try:
        yield
    finally:
        families = [(process, process.children(recursive=True)) for process in workers]
        for process in workers:
            process.terminate()
        for process, children in families:
            with suppress(TimeoutExpired, psutil.TimeoutExpired):
                process.wait(LEAVING_SECONDS)
            # Also a scheduler that RQ started a second time: it would ask for its Redis for ever.
            for each in (process, *children):
                kill(each)


def _is_over(settings: Settings, version: str, jobs: dict[str, list[str]]) -> bool:
    """True once each record is as it ought to be; nothing changes it after."""
    return all(
        _text(settings, _record(settings, f"{row.job}-{queue}")) == expected[1]
        for queue, names in jobs.items()
        for row in ROWS
        if row.job in names and (expected := row.expected(version, queue)) is not None
    )


def _said(application: Popen[str]) -> dict[tuple[str, str], str]:
    """What RQ says of each job, when the application has been asked for it."""
    assert application.stdin is not None
    application.stdin.write("\n")
    application.stdin.flush()
    said: dict[str, dict[str, str]] = json.loads(_line(application))
    return {(queue, name): text for queue in said for name, text in said[queue].items()}


def _line(application: Popen[str]) -> str:
    assert application.stdout is not None
    return application.stdout.readline()


def _record(settings: Settings, job_id: str) -> Record | None:
    with suppress(UnknownJob, StoreUnavailable), open_writer(settings) as store:
        return store.job(job_id)
    return None


def _text(settings: Settings, record: Record | None) -> str:
    if record is None:
        return "none"
    text = str(record.status.value)
    if record.attempt > 1:
        text += f" in attempt {record.attempt}"
    if record.error is not None and record.progress:
        text += f" at {record.progress:.0f} %"
    if (said := _detail(settings, record)) is not None:
        text += f": {said if len(said) <= SHOWN_CHARACTERS else said[:SHOWN_CHARACTERS] + '…'}"
    return text


def _detail(settings: Settings, record: Record) -> str | None:
    if record.error is not None:
        return f"{record.error.type}: {MEMORY.sub('', record.error.message)}"
    if record.result is not None:
        return json.dumps(record.result)
    lines = behind.log_of(settings, record.id)
    return record.message or (f"log {', '.join(lines)}" if lines else None)
