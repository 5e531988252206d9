"""What can be done to many jobs at once: to which of them, and to each by its own rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from headway import actions
from headway.client import Dispatcher
from headway.errors import BadParameters
from headway.model.record import FINAL, Status

# What each action can be done to at all, so that "all that match" counts only those.
FITTING = {
    "stop": frozenset(Status) - FINAL,
    "retry": actions.RETRIED_FROM,
    "delete": FINAL,
}


def fitting(action: str) -> frozenset[Status]:
    """The statuses to which an action can be done. Raises BadParameters for no action."""
    try:
        return FITTING[action]
    except KeyError:
        raise BadParameters({"action": f"is one of {', '.join(sorted(FITTING))}"}) from None


def apply(dispatcher: Dispatcher, action: str, job_id: str, *, by: str) -> None:
    """Do it to one of the jobs. Raises BadParameters, UnknownJob, Conflict, StoreUnavailable."""
    fitting(action)
    each: dict[str, Callable[[Dispatcher, str], object]] = {
        "stop": partial(actions.stop, by=by),
        "retry": actions.retry,
        "delete": actions.delete,
    }
    each[action](dispatcher, job_id)
