"""The requeuer: jobs that are due are queued, and queued jobs that RQ lost are queued again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

from headway.broker import queues
from headway.broker.claims import own_list
from headway.broker.redis_troubles import TroubleLog
from headway.client import Client
from headway.errors import UnknownJob, UnknownKind
from headway.model.record import Record, Status, as_time, now
from headway.retry_policy import cancel
from headway.store import sweeps
from headway.store.sweeps import FIRST, Waiting

# A queued job that RQ does not know is lost after this long, in seconds; a submit needs a few
# milliseconds between the store and RQ.
LOST_SECONDS = 3.0
# A job may be on its way from RQ's list to a work-horse for this long, in seconds.
IN_BETWEEN_SECONDS = 10.0
# A look takes about this long at most, in seconds, and the next one goes on from there: so jobs
# behind many others are found too.
LOOK_SECONDS = 0.25

# Who cancels what was canceled in RQ.
CANCELED_BY = "RQ's Job.cancel"
# A job of ours that Redis lost looks like one that was deleted there: it is run.
GIVEN_BACK = "Given back to the queue: it was in no list of Redis any more."


class Requeuer:
    """Remembers where the last look ended, and which jobs were on their way to a work-horse."""

    def __init__(
        self,
        client: Client,
        *,
        in_between_seconds: float = IN_BETWEEN_SECONDS,
        look_seconds: float = LOOK_SECONDS,
        sweep_rows: int = sweeps.SWEEP_ROWS,
    ) -> None:
        self._client = client
        self._store = client.store
        self._in_between_seconds = in_between_seconds
        self._look_seconds = look_seconds
        self._sweep_rows = sweep_rows
        self._troubles = TroubleLog(client.settings.redis_url)
        self._last: Waiting = FIRST
        # When a job was first seen between RQ's list and a work-horse, by its id and queue.
        self._in_between: dict[tuple[str, str], float] = {}

    def queue_due(self) -> None:
        """Queue scheduled jobs whose time has come. Raises StoreUnavailable, redis.RedisError."""
        for record in sweeps.due(self._store, now()):
            with self._troubles.log_and_continue(f"job {record.id}", one_of_many=True):
                saved = self._store.save(record, status=Status.QUEUED, run_at=None)
                if saved is not None:
                    self._enqueue(saved)

    def requeue_lost(self) -> None:
        """Queue again what is in no list of RQ's. Raises StoreUnavailable, redis.RedisError."""
        for job_id in self._lost():
            with (
                self._troubles.log_and_continue(f"job {job_id}", one_of_many=True),
                suppress(UnknownJob),
            ):
                record = self._store.job(job_id)
                if record.status == Status.QUEUED:  # no worker has taken it in the meantime
                    self._requeue(record)

    def _lost(self) -> Iterator[str]:
        """Ids of lost jobs among those that come next."""
        over = time.monotonic() + self._look_seconds
        before = as_time(time.time() - LOST_SECONDS)
        listed: dict[str, tuple[set[str], set[str]]] = {}
        most = self._sweep_rows
        while stretch := sweeps.waiting(self._store, before, self._last, most=most):
            self._last = stretch[-1]
            for job in stretch:
                if job.queue not in listed:
                    listed[job.queue] = self._listed(job.queue)
                waiting, in_between = listed[job.queue]
                if job.id not in waiting and not self._is_on_its_way(job, in_between):
                    yield job.id
            if time.monotonic() > over:
                return
        self._last = FIRST

    def _listed(self, queue: str) -> tuple[set[str], set[str]]:
        name = self._client.claims.list_of(queue)
        waiting, in_between = queues.listed(self._client.redis, name)
        for job_id, of_queue in list(self._in_between):
            if of_queue == queue and job_id not in in_between:
                del self._in_between[job_id, of_queue]
        return waiting, in_between

    def _is_on_its_way(self, job: Waiting, in_between: set[str]) -> bool:
        if job.id not in in_between:
            return False
        first = self._in_between.setdefault((job.id, job.queue), time.monotonic())
        return time.monotonic() - first < self._in_between_seconds

    def _requeue(self, record: Record) -> None:
        moves = self._waits_elsewhere(record)
        if not moves and queues.is_canceled(self._client.redis, record):
            cancel(self._store, record, CANCELED_BY)
        elif self._enqueue(record) and not moves:
            self._store.note(record, GIVEN_BACK)

    def _waits_elsewhere(self, record: Record) -> bool:
        # Our jobs change lists when another Headway begins, or ends, to serve the queue here.
        lists = {record.queue, own_list(record.queue, self._client.epoch)}
        others = lists - {self._client.claims.list_of(record.queue)}
        return any(queues.waits_in(self._client.redis, name, record.id) for name in others)

    def _enqueue(self, record: Record) -> bool:
        if record.external:  # RQ alone knows what is to be run
            return False
        try:
            return self._client.enqueue(record, again=True)
        except UnknownKind:  # a kind whose file is gone may be back one day
            return False
