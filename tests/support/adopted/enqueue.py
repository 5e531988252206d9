"""An application's own side: enqueues each row's job, and says at the end what RQ knows of it.

It runs in an environment of its own, with the RQ that is there: `python enqueue.py URL QUEUE …`.
Each queue's name ends with the serializer of its jobs. Its first line says which jobs it could
enqueue; after a line on its input it prints what RQ knows, by the job's id.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from importlib import import_module
from typing import Any

from redis import Redis
from rq import Callback, Queue, Retry
from rq.exceptions import NoSuchJobError
from rq.group import Group
from rq.job import Dependency, Job
from rq.serializers import DefaultSerializer, JSONSerializer

SERIALIZERS: dict[str, Any] = {"pickle": DefaultSerializer, "json": JSONSerializer}
NOON = datetime(2026, 11, 26, 12, tzinfo=timezone.utc)  # noqa: UP017  # as applications have it
SHOWN_CHARACTERS = 30


def rows(queue: Queue, jobs: Any) -> Iterator[tuple[str, Callable[..., Job] | None]]:
    """Each row's name, and what enqueues its job, unless another job does."""

    def plain(function: Any, *args: Any, **options: Any) -> Callable[..., Job]:
        return partial(queue.enqueue, function, *args, **options)

    yield "plain", plain(jobs.add, 2, b=3)
    yield "by_name", plain("jobs.add", 4)
    yield "decorated", partial(decorated, queue, jobs.decorated)
    yield "method", plain(jobs.Account(7).pay, 2)
    yield "callable", plain(jobs.Account(7), 2)
    yield "classmethod", plain(jobs.Account.opened, 7)
    yield "group", partial(grouped, queue, jobs.add)
    yield "types", plain(jobs.pay, jobs.Invoice(7, NOON, Decimal("9.50")), NOON, amount=Decimal(2))
    for name in (
        "speak",
        "shout",
        "draw",
        "account",
        "nan",
        "raw",
        "large",
        "count",
        "fail",
        "fail_without_words",
        "fail_twice",
    ):
        yield name, plain(getattr(jobs, name))
    yield "leave_with_3", plain(jobs.leave_with_3)
    if "SimpleWorker" not in queue.name:  # it would end the worker
        yield "vanish", plain(jobs.vanish)
        yield "killed", plain(jobs.killed)
    yield "async", plain(jobs.rest)
    yield "nested", plain(jobs.enqueue_another)
    yield "nested_child", None
    if "SimpleWorker" not in queue.name:  # see the table
        yield "pool", plain(jobs.square_all, [1, 2, 3])
    yield "timeout", plain(jobs.dawdle, job_timeout=1)
    note, broken = Callback(jobs.note), Callback(jobs.break_down)
    yield "on_success", plain(jobs.add, 1, on_success=note)
    yield "on_failure", plain(jobs.fail, on_failure=note)
    yield "on_success_fails", plain(jobs.add, 1, on_success=broken)
    yield "retry", plain(jobs.fail_first, retry=Retry(max=2))
    yield "retry_in_vain", plain(jobs.fail, retry=Retry(max=2))
    yield "retry_later", plain(jobs.fail_first, retry=Retry(max=2, interval=1))
    if (repeat := getattr(import_module("rq"), "Repeat", None)) is not None:
        yield "repeat", plain(jobs.add, 1, repeat=repeat(times=1))
        yield "repeat_later", plain(jobs.add, 1, repeat=repeat(times=1, interval=1))
    yield "enqueue_in", partial(queue.enqueue_in, timedelta(seconds=1), jobs.add, 1)
    yield "depends_on", plain(jobs.add, 1, depends_on=f"plain-{queue.name}")
    yield "depends_on_failed", plain(jobs.add, 1, depends_on=f"fail-{queue.name}")
    several = [f"{name}-{queue.name}" for name in ("plain", "speak")]
    yield "depends_on_several", plain(jobs.add, 1, depends_on=several)
    allowed = Dependency(jobs=[f"fail-{queue.name}"], allow_failure=True)
    yield "allow_failure", plain(jobs.add, 1, depends_on=allowed)
    yield "canceled", partial(canceled, queue, jobs.add)
    yield "result_ttl", plain(jobs.add, 1, result_ttl=0)
    yield "at_front", plain(jobs.add, 1, at_front=True)
    if hasattr(import_module("rq.queue"), "RateLimit"):  # since RQ 3
        limit = import_module("rq.rate_limit").RateLimit(queue.name, concurrency=1)
        yield "limited", plain(jobs.add, 1, rate_limit=limit)
        yield "unique", plain(jobs.add, 1, unique=True)
    yield "missing", plain("jobs.no_such_function")
    yield "missing_module", plain("no_such_module.function")


def decorated(queue: Queue, function: Any, *, job_id: str) -> Job:
    """By `@job`, in this queue."""
    delayed = import_module("rq.decorators").job(queue, connection=queue.connection)
    made: Job = delayed(function).delay(4, job_id=job_id)
    return made


def grouped(queue: Queue, function: Any, *, job_id: str) -> Job:
    """As one of a group."""
    data = Queue.prepare_data(function, (4,), job_id=job_id)
    made: Job = Group.create(queue.connection).enqueue_many(queue, [data])[0]
    return made


def canceled(queue: Queue, function: Any, *, job_id: str) -> Job:
    """Given up before it ran."""
    made = queue.enqueue_in(timedelta(hours=1), function, 4, job_id=job_id)
    made.cancel()
    return made


def enqueue(redis: Redis, name: str) -> list[str]:
    """Enqueue all rows' jobs in one queue; returns the names of those that could be."""
    serializer = SERIALIZERS[name.rpartition("-")[2]]
    queue = Queue(name, connection=redis, serializer=serializer)
    names = []
    for row, act in rows(queue, import_module("jobs")):
        try:
            if act is not None:
                act(job_id=f"{row}-{name}")
        except TypeError:  # JSON has no word for an argument
            continue
        names.append(row)
    return names


def said(redis: Redis, name: str, row: str) -> str:
    """What RQ says of a job."""
    serializer = SERIALIZERS[name.rpartition("-")[2]]
    try:
        job = Job.fetch(f"{row}-{name}", connection=redis, serializer=serializer)
    except NoSuchJobError:
        return "gone"
    text = str(job.get_status().value)
    if (result := job.return_value()) is not None:
        shown = repr(result)
        text += f": {shown if len(shown) <= SHOWN_CHARACTERS else shown[:SHOWN_CHARACTERS] + '…'}"
    return f"{text}; called back" if redis.exists(f"called:{job.id}") else text


def main(url: str, *names: str) -> None:
    redis = Redis.from_url(url)
    found = {name: enqueue(redis, name) for name in names}
    print(json.dumps(found), flush=True)
    sys.stdin.readline()
    print(json.dumps({of: {row: said(redis, of, row) for row in found[of]} for of in names}))


if __name__ == "__main__":
    main(*sys.argv[1:])
