"""What RQ runs for a kind of ours. The worker has made the record `started` before."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from rq import get_current_job

from headway.kinds.registry import find


def work(job_id: str, attempt: int) -> Any:
    """Run the function of a job's kind with the parameters in its record.

    Raises whatever the function raises, UnknownKind, BadParameters; RuntimeError in a worker
    that is none of ours.
    """
    running = getattr(get_current_job(), "attempt", None)
    if running is None:
        raise RuntimeError(f"Attempt {attempt} of job {job_id} needs a worker of Headway's.")
    # Not read anew: the store may be away just now, and that is not the job's trouble.
    record = running.record
    outcome = find(record.kind).call(record.params, record.arguments)
    return asyncio.run(outcome) if inspect.iscoroutine(outcome) else outcome
