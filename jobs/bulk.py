"""Doing the same to many jobs, each by its own rules; those that refuse say why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from jobs import actions
from jobs.errors import BadParameters, Conflict, UnknownJob
from jobs.records import FINAL, JsonDict, Status
from jobs.submit import Dispatcher

# What each action can be done to at all, so that "all that match" counts only those.
FITTING = {
    "stop": frozenset(Status) - FINAL,
    "retry": actions.RETRIED_FROM,
    "delete": FINAL,
}


@dataclass(slots=True)
class Outcome:
    """How many were done, and why the others were not."""

    done: int = 0
    refused: list[JsonDict] = field(default_factory=list)


def fitting(action: str) -> frozenset[Status]:
    """The statuses to which an action can be done. Raises BadParameters for no action."""
    try:
        return FITTING[action]
    except KeyError:
        raise BadParameters({"action": f"is one of {', '.join(sorted(FITTING))}"}) from None


def apply(dispatcher: Dispatcher, action: str, job_ids: Sequence[str], *, by: str) -> Outcome:
    """Do one thing to several jobs. Raises BadParameters, StoreUnavailable."""
    fitting(action)
    each: dict[str, Callable[[Dispatcher, str], object]] = {
        "stop": partial(actions.stop, by=by),
        "retry": actions.retry,
        "delete": actions.delete,
    }
    outcome = Outcome()
    for job_id in job_ids:
        try:
            each[action](dispatcher, job_id)
            outcome.done += 1
        except (Conflict, UnknownJob) as error:
            outcome.refused.append({"id": job_id, "reason": str(error)})
    return outcome
