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
    yield "types", plain(jobs.pay, jobs.Invoice(7, NOON, Decimal("9.50")), NOON, amount=Decimal(2))
    for name in (
        "speak",
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
    allowed = Dependency(jobs=[f"fail-{queue.name}"], allow_failure=True)
    yield "allow_failure", plain(jobs.add, 1, depends_on=allowed)
    yield "result_ttl", plain(jobs.add, 1, result_ttl=0)
    yield "at_front", plain(jobs.add, 1, at_front=True)
    yield "missing", plain("jobs.no_such_function")
    yield "missing_module", plain("no_such_module.function")


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
