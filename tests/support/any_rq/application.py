"""A small RQ application of somebody else: it knows nothing of Headway, and any RQ since 1.16."""

import time
from dataclasses import dataclass
from datetime import timedelta

from redis import Redis
from rq import Queue, Retry, get_current_job


@dataclass
class Point:
    x: int
    y: int


def add(first: int, second: int, loud: bool = False) -> int:
    return first + second


def fail(why: str) -> None:
    raise ValueError(why)


def bad_number() -> float:
    return float("nan")


def raw() -> bytes:
    return b"\0\1\2"


def point(at: Point) -> Point:
    return Point(at.x + 1, at.y)


def hang() -> None:
    job = get_current_job()
    assert job
    job.meta["progress"] = {"current": 1, "total": 4, "message": "first of four"}
    job.save_meta()  # type: ignore[no-untyped-call]  # RQ
    time.sleep(600)


def enqueue(redis_url: str) -> None:
    """One job of each sort, the one that never ends last; each has its sort as its id."""
    queue = Queue("default", connection=Redis.from_url(redis_url))
    queue.enqueue(add, 1, 2, loud=True, job_id="plain", meta={"user": 7})
    queue.enqueue(fail, "no luck", job_id="raising")
    queue.enqueue(bad_number, job_id="number")
    queue.enqueue(raw, job_id="bytes")
    queue.enqueue(point, Point(1, 2), job_id="point")
    queue.enqueue(fail, "not yet", retry=Retry(max=2, interval=[3600, 7200]), job_id="again")
    later = queue.enqueue_in(timedelta(hours=1), add, 1, 2, job_id="later")
    queue.enqueue(add, 1, 2, depends_on=later, job_id="after")
    queue.enqueue(hang, job_id="hanging")
