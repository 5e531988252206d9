"""What RQ runs for a kind of ours. The worker has made the record `started` before."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from jobs.registry import find
from jobs.store import open_writer


def work(job_id: str, attempt: int) -> Any:
    """Run the function of a job's kind with the parameters in its record.

    Raises whatever the function raises, UnknownJob, UnknownKind, BadParameters.
    """
    with open_writer() as store:
        record = store.job(job_id)
    outcome = find(record.kind).call(record.params)
    return asyncio.run(outcome) if inspect.iscoroutine(outcome) else outcome
