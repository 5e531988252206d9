"""The workers of an RQ application, and the jobs whose worker is gone.

A worker listens on a channel of its own, and its work-horse inherits the connection: while either
lives the channel has a listener. RQ itself waits for heartbeats, which takes minutes; so does this
where Redis does not say who listens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import redis

from headway.mirror.keys import PREFIX, Keys
from headway.mirror.redis_replies import answers
from headway.mirror.rq_job import Hash, RqJob
from headway.mirror.sorted_hashes import SortedHashes
from headway.model.record import as_time

# How long, in seconds, a channel has no listener before its worker is gone, which connects again
# after 2 s. And how old the heartbeat of a worker must be that was never seen to listen; a busy
# one's comes every 30 s.
GONE_SECONDS = 8.0
STALE_SECONDS = 100.0

MAX_WORKERS = 1_000
FIELDS = tuple(
    """state current_job queues hostname pid birth death last_heartbeat version python_version
    successful_job_count failed_job_count""".split()
)


@dataclass(frozen=True, slots=True)
class RqWorker:
    """A worker as RQ has it; what is not there, or strange, is None. Times are as in a `Record`.

    `listeners` are its processes that live, or None where Redis does not say. RQ 3.0 has no
    `current_job`; the job has the worker's name.
    """

    name: str
    state: str | None = None
    current_job: str | None = None
    queues: tuple[str, ...] = ()
    hostname: str | None = None
    pid: int | None = None
    birth: str | None = None
    death: str | None = None
    last_heartbeat: str | None = None
    version: str | None = None
    python_version: str | None = None
    successful_jobs: int | None = None
    failed_jobs: int | None = None
    listeners: int | None = None
    gone: bool = False


def lost_jobs(jobs: Iterable[RqJob], workers: Iterable[RqWorker]) -> list[RqJob]:
    """The started jobs that nothing runs any more: their worker is gone, or it was born since.

    The workers are those of a look that was given these jobs.
    """
    named = {worker.name: worker for worker in workers}
    return [
        job
        for job in jobs
        if job.status == "started"
        and (worker := named.get(job.worker_name or ""))
        and (worker.gone or _born_since(worker, job))
    ]


def _born_since(worker: RqWorker, job: RqJob) -> bool:
    """True where the name is another process' by now, and no work-horse of the first one lives."""
    if worker.listeners != 1 or worker.birth is None or job.started_at is None:
        return False
    return worker.birth > job.started_at and worker.current_job != job.id


class Workers:
    """Looks at the workers behind one prefix, and remembers since when one does not listen."""

    def __init__(
        self,
        connection: redis.Redis,
        prefix: str = PREFIX,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._connection = connection
        self._keys = Keys(prefix)
        self._sorted = SortedHashes(connection)
        self._clock = clock
        # The names that were seen to listen, and of those that do not since when, in seconds of
        # the clock, and with which heartbeat.
        self._heard: set[str] = set()
        self._silent: dict[str, tuple[float, str | None]] = {}
        # True once a worker was found that lives and never listens, as where it may not.
        self._some_are_deaf = False
        # True while the next look may say that one is gone which listened just now.
        self.in_doubt = False

    def look(self, jobs: Iterable[RqJob] = ()) -> list[RqWorker]:
        """All workers that RQ has, and those that jobs name; by name.

        Two commands; one more for each worker that is not in RQ's set, or where SORT is refused.
        Raises redis.RedisError.
        """
        self.in_doubt = False
        rows = self._rows({job.worker_name for job in jobs if job.worker_name})
        listeners = self._listeners(list(rows))
        self._heard = {
            *(self._heard & rows.keys()),
            *(n for n, count in listeners.items() if count),
        }
        self._silent = {name: self._silent[name] for name in rows if name in self._silent}
        return [self._worker(name, rows[name], listeners.get(name)) for name in sorted(rows)]

    def _rows(self, named: set[str]) -> dict[str, Hash]:
        """The hash of each worker."""
        prefix = self._keys.worker("")
        found = self._sorted.rows(self._keys.workers, "*", FIELDS, 0, MAX_WORKERS)
        if found is None:
            members: Any = self._connection.smembers(self._keys.workers)
            named = named | {_name(key, prefix) for key in members}
            found = []
        rows = {_name(key, prefix): fields for key, fields in found}
        others = sorted(named - rows.keys())[:MAX_WORKERS]
        with self._connection.pipeline(transaction=False) as pipeline:
            for name in others:
                pipeline.hmget(self._keys.worker(name), FIELDS)
            rows |= zip(others, answers(pipeline), strict=True)
        columns = [field.encode() for field in FIELDS]
        known = {name: zip(columns, row or (), strict=False) for name, row in rows.items()}
        return {name: Hash(dict(fields)) for name, fields in known.items()}

    def _listeners(self, names: list[str]) -> dict[str, int]:
        """How many listen to each worker's channel; nothing where Redis does not say."""
        channels = [self._keys.commands_to(name) for name in names]
        if not channels:
            return {}
        try:
            counts: Any = self._connection.pubsub_numsub(*channels)
        except redis.ResponseError:
            return {}
        return {name: count for name, (_, count) in zip(names, counts, strict=True)}

    def _worker(self, name: str, hash_: Hash, listeners: int | None) -> RqWorker:
        heartbeat, death = hash_.time("last_heartbeat"), hash_.time("death")
        return RqWorker(
            name=name,
            state=hash_.text("state"),
            current_job=hash_.text("current_job"),
            queues=tuple(filter(None, (hash_.text("queues") or "").split(","))),
            hostname=hash_.text("hostname"),
            pid=hash_.number("pid"),
            birth=hash_.time("birth"),
            death=death,
            last_heartbeat=heartbeat,
            version=hash_.text("version"),
            python_version=hash_.text("python_version"),
            successful_jobs=hash_.number("successful_job_count"),
            failed_jobs=hash_.number("failed_job_count"),
            listeners=listeners,
            gone=self._is_gone(name, heartbeat, listeners, dead=death is not None),
        )

    def _is_gone(
        self, name: str, heartbeat: str | None, listeners: int | None, *, dead: bool
    ) -> bool:
        now = self._clock()
        if listeners:
            self._silent.pop(name, None)
            return False
        since, with_heartbeat = self._silent.setdefault(name, (now, heartbeat))
        if heartbeat != with_heartbeat:
            # It lives and does not listen: from now on its heartbeat says more.
            self._some_are_deaf |= now - since >= GONE_SECONDS
            self._heard.discard(name)
            self._silent[name] = (now, heartbeat)
            return False
        if now - since < GONE_SECONDS:
            self.in_doubt = True
            return False
        stale = heartbeat is None or heartbeat < as_time(now - STALE_SECONDS)
        # One that died young was never heard; that it would have been, the others tell.
        listens = name in self._heard or (bool(self._heard) and not self._some_are_deaf)
        return dead or stale or (listeners == 0 and listens)


def _name(key: bytes, prefix: str) -> str:
    return key.decode("utf-8", "replace").removeprefix(prefix)
