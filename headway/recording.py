"""Recording in workers of RQ's own: `headway.record()`, as one line of the application.

RQ's classes are wrapped, not replaced: an application's worker class, with hooks of its own, stands
on them as before.
"""

from __future__ import annotations

import inspect
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import rq.worker
from rq.worker import BaseWorker, Worker

from headway.addresses import address_of
from headway.errors import BadSetting
from headway.settings import Settings, read_settings
from headway.workhorse.rq_hooks import Recorder

HOOKS = (
    "register_birth",
    "register_death",
    "prepare_execution",
    "execute_job",
    "handle_work_horse_killed",
    "perform_job",
    "handle_execution_ended",
    "handle_exception",
    "handle_job_success",
    "handle_job_retry",
    "handle_job_failure",
)
RECORDER = "headway_recorder"
# What a work-horse of SpawnWorker's, a new interpreter, runs first.
IN_CHILD = "import headway\nheadway.record()\n"
WITHOUT_STORE = (
    "Headway records no jobs here: set DATABASE_URL, or DATA_DIR, to the store that its web reads."
)

log = logging.getLogger(__name__)


def record() -> None:
    """Record what every RQ worker of this process runs, from now on; may be called twice.

    The store is the one that DATABASE_URL or DATA_DIR names. Where neither does, or what they
    name cannot be used, that is logged once, and the workers work as RQ's own.
    """
    if hasattr(BaseWorker, RECORDER):
        return
    settings = _settings()
    if settings is None:
        return
    setattr(BaseWorker, RECORDER, None)  # a worker's own comes with its first hook
    for owner in _classes():
        for name in HOOKS:
            if name in vars(owner):
                _wrap(owner, name, settings)
    _wrap(Worker, "fork_work_horse", settings)  # but SpawnWorker's, which shares no memory
    _wrap_spawning()


def _settings() -> Settings | None:
    if not {"DATABASE_URL", "DATA_DIR"} & set(os.environ):
        log.warning(WITHOUT_STORE)
        return None
    try:
        # What the application means by HOST is its own business.
        return read_settings(env_file=None, host="127.0.0.1")
    except BadSetting as error:
        log.warning("Headway records no jobs here: %s", error)
        return None


def _classes() -> Iterator[type]:
    for _, each in inspect.getmembers(rq.worker, inspect.isclass):
        if issubclass(each, BaseWorker):
            yield each


def _wrap(owner: Any, name: str, settings: Settings) -> None:
    original = vars(owner)[name]

    @wraps(original)
    def hook(worker: Any, *args: Any, **named: Any) -> Any:
        # Bound as Python does it, for what others put there may be more than a function.
        bound = original.__get__(worker, type(worker))
        if isinstance(getattr(worker, "recorder", None), Recorder):  # Headway's own worker
            return bound(*args, **named)
        return getattr(_recorder_of(worker, settings), name)(bound, *args, **named)

    setattr(owner, name, hook)


def _recorder_of(worker: Any, settings: Settings) -> Recorder:
    found: Recorder | None = getattr(worker, RECORDER)
    if found is None:
        found = Recorder(worker, settings, redis_url=address_of(worker.connection))
        setattr(worker, RECORDER, found)
    return found


def _wrap_spawning() -> None:
    spawning = getattr(rq.worker, "SpawnWorker", None)
    if spawning is None:  # RQ before 2.2
        return
    original: Callable[..., None] = spawning.fork_work_horse

    @wraps(original)
    def spawn(worker: Worker, *args: Any, **named: Any) -> None:
        with _prefixed("posix_spawn"), _prefixed("spawnv"):
            original(worker, *args, **named)

    spawning.fork_work_horse = spawn


@contextmanager
def _prefixed(name: str) -> Iterator[None]:
    # RQ starts a new interpreter with its program as the last argument, after `-c`.
    original = getattr(os, name)

    def start(*arguments: Any, **named: Any) -> Any:
        return original(*(_with_recording(each) for each in arguments), **named)

    setattr(os, name, start)
    try:
        yield
    finally:
        setattr(os, name, original)


def _with_recording(argument: Any) -> Any:
    if isinstance(argument, list) and "-c" in argument:
        return [*argument[:-1], IN_CHILD + argument[-1]]
    return argument
