"""The field of a form that puts a job's start off. In minutes: a time would need its zone."""

from __future__ import annotations

import time
from collections.abc import Mapping

from headway.client import LONGEST_DELAY_SECONDS
from headway.errors import BadParameters
from quart_app.pages.kind_form import Field, params_from

MINUTE_SECONDS = 60
LONGEST_MINUTES = LONGEST_DELAY_SECONDS // MINUTE_SECONDS

DELAY = Field(
    name="delay_minutes",
    label="Start in",
    type="number",
    control="number",
    step="any",
    minimum=0,
    maximum=LONGEST_MINUTES,
    hint="Minutes from now; leave empty to start at once.",
)


def due_of(posted: Mapping[str, str]) -> float | None:
    """When the job is due, in seconds since 1970; None for at once. Raises BadParameters."""
    minutes = params_from([DELAY], posted).get(DELAY.name)
    if minutes is None:
        return None
    if not 0 <= minutes <= LONGEST_MINUTES:
        raise BadParameters({DELAY.name: f"This is a number from 0 to {LONGEST_MINUTES}."})
    return time.time() + MINUTE_SECONDS * float(minutes)
