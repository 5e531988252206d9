"""The names of RQ's keys, which RQ itself puts behind `RQ_KEY_PREFIX`."""

from __future__ import annotations

from dataclasses import dataclass

from rq.job import Job

PREFIX = Job.redis_job_namespace_prefix.removesuffix(":job:")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the applications behind one prefix."""

    prefix: str = PREFIX

    @property
    def queues(self) -> str:
        """The set of all queues' keys."""
        return f"{self.prefix}:queues"

    @property
    def workers(self) -> str:
        """The set of all workers' keys."""
        return f"{self.prefix}:workers"

    @property
    def rate_limits(self) -> str:
        """The set of all rate limits' names."""
        return f"{self.prefix}:rl-keys"

    @property
    def rq_scheduler(self) -> str:
        """What the package rq-scheduler has planned; without a prefix."""
        return "rq:scheduler:scheduled_jobs"

    def queue(self, name: str) -> str:
        return f"{self.prefix}:queue:{name}"

    def intermediate(self, name: str) -> str:
        return f"{self.prefix}:queue:{name}:intermediate"

    def registry(self, word: str, name: str) -> str:
        return f"{self.prefix}:{word}:{name}"

    def rate_limited(self, limit: str) -> str:
        return f"{self.prefix}:rl:{limit}:rate_limited"

    def job(self, job_id: str) -> str:
        return f"{self.prefix}:job:{job_id}"

    def dependents(self, job_id: str) -> str:
        """The set of ids of the jobs that wait for one."""
        return f"{self.prefix}:job:{job_id}:dependents"

    def results(self, job_id: str) -> str:
        return f"{self.prefix}:results:{job_id}"

    def group(self, name: str) -> str:
        return f"{self.prefix}:group:{name}"

    def worker(self, name: str) -> str:
        return f"{self.prefix}:worker:{name}"

    def commands_to(self, worker_name: str) -> str:
        """The channel that a worker listens to."""
        return f"{self.prefix}:pubsub:{worker_name}"
