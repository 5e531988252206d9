"""Taking: how a worker of ours comes by its next job, and says why it does not.

RQ takes it; which list it comes from, and whether it is ours, is decided here.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from typing import Any

import redis
from redis.exceptions import NoPermissionError
from rq.exceptions import StopRequested
from rq.job import Job
from rq.queue import Queue
from rq.suspension import is_suspended
from rq.worker import BaseWorker
from rq.worker.base import WorkerStatus

from headway.broker import queues
from headway.broker.claims import Claims, own_list
from headway.broker.refusals import SUSPENDED
from headway.broker.troubles import TroubleLog, log_once
from headway.errors import StoreUnavailable
from headway.external import is_external
from headway.settings import Settings, load_settings
from headway.store import open_writer

# Seconds between two looks whether Redis works again, or the workers may go on.
AGAIN_SECONDS = 1.0

log = logging.getLogger(__name__)


class Taking(BaseWorker):
    """What our workers do between two jobs."""

    settings: Settings

    def __init__(self, *args: Any, **options: Any) -> None:
        self.settings = load_settings()
        super().__init__(*args, **options)
        # The queue whose jobs it runs; RQ's list of them may have another name.
        self.queue_served = self.queue_names()[0]
        self.claims = Claims(self.connection, self.settings, self._read_epoch)
        self._troubles = TroubleLog(self.settings.redis_url)

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """The next job that is to be run here; None when none is left, or the end was asked for."""
        duty, began = f"worker of {self.queue_served}", time.monotonic()
        while not self._stop_requested:
            try:
                # It looks after each wait, and at what that brought: RQ itself would take one more
                # job when suspended.
                self._wait_while_suspended(burst=timeout is None)
                self._claim()
                found = super().dequeue_job_and_maintain_ttl(timeout, timeout)
                self._troubles.clear(duty)
                if found is None and timeout is None:
                    return None
                if found is not None and self._is_suspended():
                    queues.put_back(self.connection, *found)
                elif found is not None and not self._is_passed_on(*found):
                    return found
            except redis.RedisError as error:
                self._troubles.log_redis(duty, error)
                self.heartbeat()
                time.sleep(AGAIN_SECONDS)
            except (ValueError, KeyError, TypeError) as error:
                self._skip(error)
            if max_idle_time is not None and time.monotonic() - began > max_idle_time:
                return None
        return None

    def _pubsub_exception_handler(self, exc: Exception, pubsub: Any, pubsub_thread: Any) -> None:
        """RQ's ear for commands. Where it is forbidden to listen, each look at the store does."""
        if isinstance(exc, NoPermissionError):
            self._troubles.log_redis("listening for commands", exc)
            pubsub_thread.stop()
        else:
            super()._pubsub_exception_handler(exc, pubsub, pubsub_thread)

    def check_for_suspension(self, burst: bool) -> None:
        """Left to `dequeue_job_and_maintain_ttl`, which looks more often than RQ does."""

    def _wait_while_suspended(self, *, burst: bool) -> None:
        while not self._stop_requested and self._is_suspended():
            if burst:
                raise StopRequested
            if self.get_state() != WorkerStatus.SUSPENDED:
                log.warning("worker of %s: %s", self.queue_served, SUSPENDED)
                self.set_state(WorkerStatus.SUSPENDED)
            self.heartbeat()  # else it would be taken for lost
            time.sleep(AGAIN_SECONDS)

    def run_maintenance_tasks(self) -> None:
        """RQ's cleaning, now or the next time."""
        try:
            super().run_maintenance_tasks()  # type: ignore[no-untyped-call]  # untyped in RQ
        except redis.RedisError as error:
            log.debug("RQ's cleaning failed, the next one will do: %s", error)
        except StopRequested:
            raise
        except Exception as error:  # noqa: BLE001  # what somebody put there is not worth a worker
            log_once(f"RQ cannot clean up {self.queue_served}: {type(error).__name__}: {error}")

    def _skip(self, error: Exception) -> None:
        # RQ took something from the list of which it can make no job.
        name, job_id = self.queues[0].name, getattr(error, "job_id", None)  # RQ's note on it
        queues.drop_unreadable(self.connection, name)
        if job_id is None:
            time.sleep(AGAIN_SECONDS)
        else:
            self.connection.lrem(self.queues[0].intermediate_queue_key, 0, job_id)
            said = f"{type(error).__name__}: {error}"
            log_once(f"job {job_id} of the queue {name} is no job of RQ's ({said}): it is skipped")

    def _is_suspended(self) -> bool:
        try:
            return bool(is_suspended(self.connection))
        except redis.RedisError:  # taking the next job will say what is wrong
            return False

    def keep_claim(self) -> None:
        """Renew the claim on the queue while a job runs, which may take hours."""
        with suppress(StoreUnavailable, redis.RedisError):
            self.claims.claim(self.queue_served)

    def _claim(self) -> None:
        try:
            name = self.claims.claim(self.queue_served)
        except StoreUnavailable:  # the claim says whose store it is
            return
        if name != self.queues[0].name:
            self.queues = self._ordered_queues = [
                self.queue_class(
                    name,
                    connection=self.connection,
                    job_class=self.job_class,
                    serializer=self.serializer,
                    death_penalty_class=self.death_penalty_class,
                )
            ]

    def _is_passed_on(self, job: Job, queue: Queue) -> bool:
        """True for a job of another store: it is in that one's own list now."""
        store = job.meta.get(queues.STORE) if isinstance(job.meta, dict) else None
        try:
            if not isinstance(store, str) or store == self._read_epoch():
                return False
        except StoreUnavailable:
            return False
        if is_external(job):
            return False
        queues.pass_on(self.connection, job, queue, own_list(self.queue_served, store))
        log.info("job %s is another Headway's (store %s): passed on to it", job.id, store)
        return True

    def _read_epoch(self) -> str:
        # Read once: with another store come other workers.
        if not hasattr(self, "_epoch"):
            with open_writer(self.settings) as store:
                self._epoch = store.read_epoch()
        return self._epoch
