"""The worker between two jobs: what keeps it known, and how it comes by its next job.

The hooks of RQ's that Headway's workers override, by the process they run in:

hook                          file        why
in the worker
  __init__                    here        look often: a death shows within seconds, not minutes
  heartbeat, register_death   here        the lease in the store, and RQ's marks again after a wipe
  set_state, teardown         here        Redis being away must not end a worker
  dequeue_job_and_…           here        suspend at once; another store's job, an unreadable one
  check_for_suspension        here        RQ would run one more job first
  run_maintenance_tasks       here        an error in RQ's cleaning must not end a worker
  _pubsub_exception_handler   here        Redis may forbid to listen for commands
  get_heartbeat_ttl           forking     RQ's marks on a job live 20 s, as each look renews them
  execute_job, fork_work_…    forking     memory shared with the work-horse, made before the fork
  maintain_heartbeats         forking     the look at a running job: stop it, or end it, if need be
  wait_for_horse              forking     record a death; RQ's alarm could lose what it died of
  monitor_work_horse          forking     Redis being away must not end a worker, nor its job
  handle_payload, kill_horse  forking     who ended a job; too late for one that records its end
in the work-horse (workhorse/work.py; in the worker where there is no fork)
  main_work_horse             forking     never outlive the worker
  perform_job                 work        claim the job in the store, or drop it
  prepare_job_execution, handle_execution_ended, handle_job_success, handle_exception,
  handle_job_retry, handle_job_failure
                              work        the record first, then RQ's marks, which may fail
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import redis
import rq
from redis.exceptions import NoPermissionError
from rq import worker_registration
from rq.defaults import DEFAULT_MAINTENANCE_TASK_INTERVAL
from rq.job import Job
from rq.queue import Queue
from rq.serializers import DefaultSerializer, resolve_serializer
from rq.suspension import is_suspended
from rq.timeouts import TimerDeathPenalty
from rq.worker import WorkerStatus

from headway.broker import queues
from headway.broker.claims import Claims, own_list, queue_of
from headway.broker.redis_refusals import SUSPENDED
from headway.broker.redis_troubles import TroubleLog, log_once, redis_may_fail
from headway.broker.serializers import EitherSerializer, serializer_of
from headway.errors import StoreUnavailable
from headway.external import is_external
from headway.processes import HOST
from headway.settings import load_settings
from headway.store import open_writer
from headway.worker.lease import Lease
from headway.workhorse.rq_hooks import Recorder
from headway.workhorse.work import WorkHorse

try:
    from rq.exceptions import StopRequested
except ImportError:  # RQ before 2.2
    from rq.worker import StopRequested  # type: ignore[no-redef,attr-defined]

# RQ's own clean-up: every so many seconds.
MAINTENANCE_SECONDS = 15
# Seconds between two looks whether Redis works again, or the workers may go on.
AGAIN_SECONDS = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timings:
    """How a worker keeps time, in seconds."""

    # It looks after a running job, or at its queue, this often; each look renews the lease.
    look: int = 4
    # The lease is not renewed more often than this.
    renewal: float = 3.0
    # A job that goes on for this long after its time limit is ended by its worker.
    overtime: float = 3.0
    # So is one that cannot record its end, while its worker can write for this long.
    speechless: float = 20.0


class HeadwayWorker(WorkHorse):
    """What Headway's workers add to RQ's, whether they fork or not."""

    def __init__(
        self,
        queues: Any,
        name: str | None = None,
        *args: Any,
        timings: Timings | None = None,
        **options: Any,
    ) -> None:
        self.settings = load_settings()
        self.timings = timings or Timings()
        look = self.timings.look
        name = name or f"{HOST}-{os.getpid()}-{secrets.token_hex(2)}"
        if resolve_serializer(options.get("serializer")) is DefaultSerializer:
            options["serializer"] = EitherSerializer
        super().__init__(queues, name, *args, **options)
        # RQ's command gives each of these, so what it gives as its default is no wish.
        self.job_monitoring_interval = min(self.job_monitoring_interval, look)
        if self.maintenance_interval == DEFAULT_MAINTENANCE_TASK_INTERVAL:
            self.maintenance_interval = MAINTENANCE_SECONDS
        # RQ waits for a job for this long less 15 s before it looks around.
        self.worker_ttl = min(self.worker_ttl, 15 + look)
        # After an outage of Redis an idle worker is back within this long; RQ: a minute.
        self.max_connection_wait_time = float(look)
        # The queues whose jobs it runs; RQ's lists of them may have other names.
        self.queues_served = self.queue_names()
        self.served = ",".join(self.queues_served)
        self.claims = Claims(self.connection, self.settings, self._read_epoch)
        self.lease = Lease(
            self.settings, self.name, self.served, renewal_seconds=self.timings.renewal
        )
        self.recorder = Recorder(self, self.settings, heartbeat=self.renew_lease)
        self._troubles = TroubleLog(self.settings.redis_url)
        # When it was last registered with RQ, and when last the workers were not suspended.
        self._registered = self._was_free = 0.0

    def renew_lease(self) -> None:
        """Say in the store that this worker lives."""
        self.lease.renew()

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Renew the lease in the store, then RQ's in Redis."""
        if not self._is_horse:
            self.lease.renew()
            with suppress(StoreUnavailable, redis.RedisError):
                for name in self.queues_served:  # a job may run for hours
                    self.claims.claim(name)
        with redis_may_fail("RQ's heartbeat failed, the next one will do", logging.DEBUG):
            super().heartbeat(timeout, pipeline)
            if pipeline is None and time.monotonic() - self._registered >= AGAIN_SECONDS:
                # A wiped Redis forgets its workers, and RQ never mentions a living one again.
                worker_registration.register(self)
                self._registered = time.monotonic()

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run one job; its result is written by the serializer that wrote the job."""
        if job.serializer is EitherSerializer:
            job.serializer = serializer_of(job.data)
        self.recorder.execute_job(super().execute_job, job, queue)

    def prepare_execution(self, job: Job) -> Any:
        """RQ's note that a job begins."""
        return self.recorder.prepare_execution(super().prepare_execution, job)

    def handle_work_horse_killed(self, job: Job, retpid: Any, ret_val: Any, rusage: Any) -> None:
        """A work-horse died; RQ fails its job next."""
        killed = super().handle_work_horse_killed
        self.recorder.handle_work_horse_killed(killed, job, retpid, ret_val, rusage)

    def set_state(self, state: Any, pipeline: Any = None) -> None:
        """What RQ's own tools show of this worker."""
        with redis_may_fail("RQ could not note this worker's state", logging.DEBUG):
            super().set_state(state, pipeline)

    def register_birth(self) -> None:
        """Make the store ready, then say in Redis that this worker lives."""
        self.recorder.register_birth(super().register_birth)

    def register_death(self) -> None:
        """End the lease in the store, then RQ's in Redis."""
        self.lease.end()
        self.recorder.register_death(super().register_death)

    def teardown(self) -> None:
        """Leave Redis, which under honcho has often ended before."""
        with redis_may_fail("RQ could not note this worker's end", logging.INFO):
            super().teardown()  # type: ignore[no-untyped-call]  # untyped in RQ

    def run_maintenance_tasks(self) -> None:
        """RQ's cleaning, now or the next time."""
        try:
            with redis_may_fail("RQ's cleaning failed, the next one will do", logging.DEBUG):
                super().run_maintenance_tasks()  # type: ignore[no-untyped-call]  # untyped in RQ
        except StopRequested:
            raise
        except Exception as error:  # noqa: BLE001  # bad data in Redis is not worth a worker
            log_once(f"RQ cannot clean up {self.served}: {type(error).__name__}: {error}")

    def check_for_suspension(self, burst: bool) -> None:
        """Left to `dequeue_job_and_maintain_ttl`, which looks more often than RQ does."""

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """The next job to run here; None when none is left, or when this worker is to end."""
        duty, began = f"worker of {self.served}", time.monotonic()
        while not self._stop_requested:
            try:
                # It looks after each wait, and at what that brought: RQ itself would take one more
                # job when suspended.
                self._wait_while_suspended(burst=timeout is None)
                self._claim_queues()
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
        # RQ's listener for commands. Where it may not listen, each look at the store finds stops.
        if isinstance(exc, NoPermissionError):
            self._troubles.log_redis("listening for commands", exc)
            pubsub_thread.stop()
        else:
            super()._pubsub_exception_handler(exc, pubsub, pubsub_thread)

    def _wait_while_suspended(self, *, burst: bool) -> None:
        if time.monotonic() - self._was_free < AGAIN_SECONDS:
            return  # it looks again at what it takes
        while not self._stop_requested and self._is_suspended():
            if burst:
                raise StopRequested
            if self.get_state() != WorkerStatus.SUSPENDED:
                log.warning("worker of %s: %s", self.served, SUSPENDED)
                self.set_state(WorkerStatus.SUSPENDED)
            self.heartbeat()  # otherwise it would count as lost
            time.sleep(AGAIN_SECONDS)

    def _is_suspended(self) -> bool:
        self._was_free = 0.0
        try:
            if is_suspended(self.connection):
                return True
            self._was_free = time.monotonic()
        except redis.RedisError:  # taking the next job will say what is wrong
            pass
        return False

    def _skip(self, error: Exception) -> None:
        # RQ took something from a list of which it can make no job.
        job_id = getattr(error, "job_id", None)  # RQ's note on it
        for queue in self.queues:
            queues.drop_unreadable(self.connection, queue.name)
            if job_id is not None:
                self.connection.lrem(queue.intermediate_queue_key, 0, job_id)
        if job_id is None:
            time.sleep(AGAIN_SECONDS)
        else:
            said = f"{type(error).__name__}: {error}"
            log_once(f"job {job_id} of {self.served} is no job of RQ's ({said}): it is skipped")

    def _claim_queues(self) -> None:
        try:
            names = [self.claims.claim(name) for name in self.queues_served]
        except StoreUnavailable:  # the claim says whose store it is
            return
        if set(names) != set(self.queue_names()):
            self.queues = [self._queue(name) for name in names]
            self._ordered_queues = self.queues[:]

    def _queue(self, name: str) -> Queue:
        return self.queue_class(
            name,
            connection=self.connection,
            job_class=self.job_class,
            serializer=self.serializer,
            death_penalty_class=self.death_penalty_class,
        )

    def _is_passed_on(self, job: Job, queue: Queue) -> bool:
        # True for a job of another store: it is in that one's own list now.
        store = job.meta.get(queues.STORE) if isinstance(job.meta, dict) else None
        try:
            if not isinstance(store, str) or store == self._read_epoch():
                return False
        except StoreUnavailable:
            return False
        if is_external(job):
            return False
        queues.pass_on(self.connection, job, queue, own_list(queue_of(queue.name), store))
        log.info("job %s is another Headway's (store %s): passed on to it", job.id, store)
        return True

    def _read_epoch(self) -> str:
        # Read once: another store has other workers.
        if not hasattr(self, "_epoch"):
            with open_writer(self.settings) as store:
                self._epoch = store.read_epoch()
        return self._epoch


class SimpleWorker(HeadwayWorker, rq.SimpleWorker):
    """A worker without a fork, for systems that have none; it cannot stop a running job.

    Its lease is renewed by the running job's reporter.
    """

    if not hasattr(signal, "SIGALRM"):
        death_penalty_class = TimerDeathPenalty

    def kill_horse(self, sig: signal.Signals = signal.SIGTERM) -> None:
        """There is none: the job goes on, and RQ must not take its end for a stop."""
        self._stopped_job_id = None
