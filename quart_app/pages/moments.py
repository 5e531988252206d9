"""Fields of a day, a moment or a time of day: a browser's picker, and what is meant by it.

A picker knows no zone, but a moment (RFC 3339's `date-time`) has one: it is picked in UTC, and
the form says so. What has no zone is sent as it was picked.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

# A schema's formats and the type of an input for each.
PICKERS = {
    "date": "date",
    "date-time": "datetime-local",
    "date-time-local": "datetime-local",
    "time": "time",
}
ZONES = {"date-time": "UTC"}


def picker_value(format_name: str, default: Any) -> str | None:
    """A default as the picker takes it; None for one that it could not show as it is."""
    if default is None:
        return ""
    try:
        if format_name == "date":
            return date.fromisoformat(default).isoformat()
        return _without_zone(format_name, default)
    except (TypeError, ValueError, OverflowError):  # any JSON may be a default
        return None


def _without_zone(format_name: str, default: str) -> str | None:
    value = (time if format_name == "time" else datetime).fromisoformat(default)
    if (value.tzinfo is not None) != (format_name in ZONES) or value.microsecond:
        return None
    if isinstance(value, datetime) and value.tzinfo:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return value.isoformat()


def in_utc(picked: str) -> str:
    """A moment with the zone in which it was picked; the kind's model judges anything else."""
    try:
        moment = datetime.fromisoformat(picked)
    except ValueError:
        return picked
    return picked if moment.tzinfo else moment.replace(tzinfo=UTC).isoformat()
