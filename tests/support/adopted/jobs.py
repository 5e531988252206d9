"""The jobs of an application that was written for RQ alone; its folder has them as `jobs.py`."""

from __future__ import annotations

import asyncio
import logging
import math
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from redis import Redis
from rq import Queue, get_current_job
from rq.job import Job


@dataclass
class Invoice:
    number: int
    due: datetime
    total: Decimal


def add(a: int, b: int = 1) -> int:
    print("adding", a, "and", b)
    return a + b


def pay(invoice: Invoice, at: datetime, amount: Decimal) -> Invoice:
    return Invoice(invoice.number, at, invoice.total - amount)


def speak() -> None:
    print("printed")
    logging.getLogger("an application").warning("logged")


def shout() -> None:
    """Write by other hands than Python's streams."""
    os.write(1, b"by hand\n")
    os.system("echo from a shell")
    subprocess.run(["echo", "from a program"], check=True)


def draw() -> None:
    """Draw a bar over itself."""
    for step in range(4):
        print(f"\r{step} of 3", end="", flush=True)
    print()


class Account:
    """An object of the application's own."""

    def __init__(self, balance: int) -> None:
        self.balance = balance

    def __repr__(self) -> str:
        return f"Account({self.balance})"

    def __call__(self, more: int) -> int:
        return self.balance + more

    def pay(self, amount: int) -> int:
        return self.balance - amount

    @classmethod
    def opened(cls, balance: int) -> int:
        return cls(balance).balance


def account() -> Account:
    return Account(5)


def decorated(number: int) -> int:
    return number + 1


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def nan() -> float:
    return math.nan


def raw() -> bytes:
    return b"\xff\x00"


def large() -> str:
    return "long " * 220_000


def count() -> None:
    """Keep progress in the job's meta, as many applications do."""
    running = current()
    running.meta["progress"] = {"current": 3, "total": 4, "message": "Counting"}
    running.save_meta()  # type: ignore[no-untyped-call]  # untyped in RQ
    # The last that is said before a failure stays to be seen.
    raise RuntimeError("lost count")


def fail() -> None:
    raise RuntimeError("not today")


class WordlessError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def fail_without_words() -> None:
    raise WordlessError


def fail_twice() -> None:
    raise ExceptionGroup("two of them", [ValueError("one"), KeyError("two")])


def leave_with_3() -> None:
    sys.exit(3)


def vanish() -> None:
    os._exit(0)


async def rest() -> str:
    await asyncio.sleep(0)
    return "rested"


def enqueue_another() -> str:
    """Enqueue a job from within one."""
    running = current()
    queue = Queue(running.origin, connection=running.connection, serializer=running.serializer)
    queue.enqueue(add, 20, job_id=running.id.replace("nested", "nested_child"))
    return "enqueued"


def square(number: int) -> int:
    return number * number


def square_all(numbers: list[int]) -> list[int]:
    with multiprocessing.Pool(2) as pool:
        return pool.map(square, numbers)


def dawdle() -> None:
    time.sleep(60)


def fail_first() -> str:
    """Fail in the first run, and remember that in Redis."""
    running = current()
    if running.connection.incr(f"runs:{running.id}") == 1:
        raise RuntimeError("not yet")
    return "second time"


def note(job: Job, connection: Redis, *_: Any) -> None:
    """A callback, of either sort."""
    connection.set(f"called:{job.id}", 1)


def break_down(*_: Any) -> None:
    raise RuntimeError("no callback today")


def current() -> Job:
    running = get_current_job()
    assert running is not None
    return running
