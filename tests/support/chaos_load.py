"""The load: clients that submit jobs at a steady rate, whatever happens to the web.

A job whose answer was lost is submitted again under its key, as a careful client does.
"""

from __future__ import annotations

import random
import threading
import time
from contextlib import suppress
from typing import Any, Self
from uuid import uuid4

import httpx

# Clients at once: one that waits for a web that restarts must not hold up the others for long.
CLIENTS = 4
# Seconds until a client that was not answered, or refused, asks again, and for an answer.
AGAIN_SECONDS = 0.1
ANSWER_SECONDS = 10.0
WORK_SECONDS = 0.02
# Of so many jobs one is asked to stop just after it was accepted.
STOPPED_EVERY = 25

Job = tuple[str, dict[str, Any]]

# What is submitted: most may be tried again, some fail, some leave without a word.
JOBS: tuple[Job, ...] = (
    *[("chaos.persist", {})] * 5,
    *[("chaos.work", {})] * 3,
    ("chaos.work", {"fails": True}),
    ("chaos.leave", {}),
)


class Load:
    """So many jobs a second, for the length of a `with`."""

    def __init__(self, port: int, trail: str, dice: random.Random, jobs_a_second: float) -> None:
        self._address = f"http://127.0.0.1:{port}"
        self._trail = trail
        self._pause_seconds = CLIENTS / jobs_a_second
        self._over = threading.Event()
        self._clients = [
            threading.Thread(target=self._submit, args=(random.Random(dice.random()),))
            for _ in range(CLIENTS)
        ]
        self._began = 0.0
        self._seconds = 0.0
        self.accepted: list[str] = []

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._seconds = time.monotonic() - self._began
        self._over.set()
        for client in self._clients:
            client.join()

    @property
    def rate(self) -> float:
        """Jobs accepted in a second, once it is over."""
        return len(self.accepted) / self._seconds

    def _submit(self, dice: random.Random) -> None:
        due = time.monotonic()
        with httpx.Client(base_url=self._address, timeout=ANSWER_SECONDS) as http:
            # What was held up is made good: the rate is that of the whole.
            while not self._over.wait(max(0.0, due - time.monotonic())):
                due += self._pause_seconds
                self._submit_one(http, dice)

    def _submit_one(self, http: httpx.Client, dice: random.Random) -> None:
        kind, params = dice.choice(JOBS)
        works = {"trail": self._trail, "seconds": WORK_SECONDS}
        body = {"kind": kind, "params": works | params}
        stopped = dice.randrange(STOPPED_EVERY) == 0
        headers = {"Idempotency-Key": uuid4().hex}
        while not self._over.is_set():
            try:
                answer = http.post("/api/jobs", json=body, headers=headers)
                if answer.status_code == httpx.codes.ACCEPTED:
                    self.accepted.append(answer.json()["id"])
                    if stopped:
                        self._stop(http, answer.json()["id"])
                    return
                assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
            except httpx.TransportError:
                pass
            self._over.wait(AGAIN_SECONDS)

    def _stop(self, http: httpx.Client, job: str) -> None:
        # Whether it is heard or not: the job has been accepted, and counts once.
        with suppress(httpx.TransportError):
            http.post(f"/api/jobs/{job}/stop")
