"""Recording: what our workers add to RQ's, whether they fork or not.

RQ moves the jobs; their lives are recorded here, for kinds of ours and for any plain RQ
function alike, by the process that runs them.
"""

from __future__ import annotations

import logging
import os
import secrets
from contextlib import suppress
from typing import Any

import redis
from rq import Retry, worker_registration
from rq.executions import Execution
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer
from rq.utils import now as utc_now

from headway.errors import UnknownJob
from headway.external import external_record, is_external
from headway.model.record import Record, Status
from headway.patience import retry_until_available
from headway.processes import HOST
from headway.store import Writer
from headway.worker.lease import Lease
from headway.worker.taking import Taking
from headway.workhorse.attempt import Attempt
from headway.workhorse.failures import failure_of
from headway.workhorse.recorded_job import RecordedJob

# RQ looks after a running job, and an idle worker at its queue, this often, in seconds; each
# look renews the lease.
LOOK_SECONDS = 4
# RQ's own clean-up: every so many seconds.
MAINTENANCE_SECONDS = 15
# RQ waits for a job for this long less 15 s before it looks around, in seconds.
WORKER_TTL_SECONDS = 15 + LOOK_SECONDS
# Life of RQ's own marks after a heartbeat, in seconds.
RQ_LEASE_SECONDS = 20

log = logging.getLogger(__name__)


class Recording(Taking):
    """What our workers add to RQ's, whether they fork or not."""

    job_class = RecordedJob
    # After an outage of Redis an idle worker is back within this long, in seconds; RQ: a minute.
    max_connection_wait_time = float(LOOK_SECONDS)

    def __init__(self, queues: Any, *args: Any, **options: Any) -> None:
        options.setdefault("name", f"{HOST}-{os.getpid()}-{secrets.token_hex(2)}")
        options.setdefault("serializer", JSONSerializer)
        options.setdefault("job_monitoring_interval", LOOK_SECONDS)
        options.setdefault("maintenance_interval", MAINTENANCE_SECONDS)
        options.setdefault("worker_ttl", WORKER_TTL_SECONDS)
        super().__init__(queues, *args, **options)
        self.lease = Lease(self.settings, self.name, self.queue_served)

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        """RQ's marks on a running job live this long, in seconds; RQ's own 60 to 90 are long."""
        return RQ_LEASE_SECONDS

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Renew the lease in the store, then RQ's in Redis."""
        if not self._is_horse:
            self.lease.renew()
            self.keep_claim()
        try:
            super().heartbeat(timeout, pipeline)
            if pipeline is None:
                # A wiped Redis forgets its workers, and RQ never mentions a living one again.
                worker_registration.register(self)
        except redis.RedisError as error:
            log.debug("RQ's heartbeat failed, the next one will do: %s", error)

    def set_state(self, state: Any, pipeline: Any = None) -> None:
        """What RQ's own tools show of this worker; not worth its life."""
        with suppress(redis.RedisError):
            super().set_state(state, pipeline)

    def register_death(self) -> None:
        """Say goodbye in both places."""
        self.lease.end()
        super().register_death()  # type: ignore[no-untyped-call]  # untyped in RQ

    def teardown(self) -> None:
        """Take leave of Redis, which under honcho has often ended before us."""
        try:
            super().teardown()  # type: ignore[no-untyped-call]  # untyped in RQ
        except redis.RedisError as error:
            log.info("RQ could not be told of this worker's end: %s", error)

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Take the job in the store and run it; a job that is not to be had is let go."""
        try:
            fate = job.fate if isinstance(job, RecordedJob) else None
            with Attempt(self.settings, self.lease.renew, fate) as attempt:
                record = retry_until_available(lambda: self._record_of(attempt.store, job))
                if record is None or not attempt.take(record, self.lease.name):
                    self._let_go(job, queue, execution)
                    return True
                if isinstance(job, RecordedJob):
                    job.attempt = attempt
                return bool(super().perform_job(job, queue, execution))
        except redis.RedisError as error:
            # The record has its end already; what RQ keeps in Redis is put right later.
            log.warning("job %s: RQ could not be told of its end: %s", job.id, error)
            return False

    def prepare_job_execution(self, job: Job, remove_from_intermediate_queue: bool = False) -> None:
        """RQ's marks on a job that begins; it is taken in the store, and runs without them too."""
        try:
            super().prepare_job_execution(job, remove_from_intermediate_queue)
        except redis.RedisError as error:
            log.warning("job %s: RQ could not be told of its start: %s", job.id, error)

    def handle_execution_ended(self, job: Job, queue: Queue, heartbeat_ttl: int) -> None:
        """The function is over; its callback, if it has one, runs for `heartbeat_ttl` seconds."""
        if isinstance(job, RecordedJob):
            job.allow(heartbeat_ttl)
        if not (job._success_callback_name or job._failure_callback_name):
            # RQ would tell Redis how long the callback may take. A Redis that is frozen would then
            # hold up the end in the record, which comes after this.
            job.ended_at = utc_now()
            return
        try:
            super().handle_execution_ended(job, queue, heartbeat_ttl)
        except redis.RedisError as error:
            log.warning("job %s: RQ could not be told that it is over: %s", job.id, error)

    def handle_job_success(
        self, job: Job, queue: Queue, started_job_registry: Any, execution: Execution
    ) -> None:
        """The end of a job whose callback did well too: in its record, then in Redis."""
        if isinstance(job, RecordedJob) and job.attempt is not None:
            job.disallow()
            job.attempt.finish()
        try:
            super().handle_job_success(job, queue, started_job_registry, execution)
        except redis.RedisError as error:
            # It must not count as a failure now; what RQ keeps in Redis is put right later.
            log.warning("job %s: RQ could not be told of its end: %s", job.id, error)

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """RQ's handlers; and a failure outside of the function is recorded as well."""
        if isinstance(job, RecordedJob) and job.attempt is not None:
            job.disallow()
            job.attempt.fail(failure_of(exc_info[1]), rq_will=bool(job.should_retry))
        super().handle_exception(job, *exc_info)

    def handle_job_retry(
        self,
        job: Job,
        queue: Queue,
        retry: Retry,
        started_job_registry: Any,
        execution: Execution,
    ) -> None:
        """RQ's next run of a job that returned a Retry; none where somebody asked to stop it."""
        if _is_stopped(job):
            said = "Stopped, though it asked to be run again."
            self.handle_job_failure(job, queue, started_job_registry, said, execution)
        else:
            super().handle_job_retry(job, queue, retry, started_job_registry, execution)

    def handle_job_failure(
        self,
        job: Job,
        queue: Queue,
        started_job_registry: Any = None,
        exc_string: str = "",
        execution: Execution | None = None,
    ) -> None:
        """RQ's word on a job that did not do well: stopped where its record says so."""
        if _is_stopped(job):
            self._stopped_job_id = job.id
        super().handle_job_failure(job, queue, started_job_registry, exc_string, execution)

    def _record_of(self, store: Writer, job: Job) -> Record | None:
        if is_external(job):
            return external_record(store, job)
        with suppress(UnknownJob):
            record = store.job(job.id)
            if record.external:
                return None
            # Who retries a job as soon as it failed is quicker than its work-horse, which then
            # tells RQ of the old attempt over the new one. What is queued is to be run, whichever
            # RQ says it is; the attempt that is not due yet is not.
            if record.attempt == job.args[1] or record.status == Status.QUEUED:
                return record
        return None

    def _let_go(self, job: Job, queue: Queue, execution: Execution) -> None:
        log.info("job %s is not to be run: over, running elsewhere, or unknown", job.id)
        with self.connection.pipeline() as pipeline:
            self.cleanup_execution(job, pipeline, execution)
            # Else it would seem to be on its way for as long as one may be.
            pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
            pipeline.execute()


def _is_stopped(job: Job) -> bool:
    return isinstance(job, RecordedJob) and job.attempt is not None and job.attempt.stopped
