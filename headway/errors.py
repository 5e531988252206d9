"""The family of errors; quart_app/door/errors.py answers them over HTTP.

HeadwayError
├── UnknownThing ─── UnknownJob, UnknownKind
├── BadParameters ── UnsupportedFile, TooLarge
├── Conflict
├── StoreUnavailable ─── StoreLost
├── StoreMisused
└── JobFailed

SystemExit
├── BadSetting
└── MissingExtra
"""

from __future__ import annotations

from collections.abc import Mapping


class HeadwayError(Exception):
    """Something went wrong in Headway."""

    def __str__(self) -> str:
        return super().__str__() or (type(self).__doc__ or "").partition("\n")[0]


class UnknownThing(HeadwayError):
    """There is nothing with this name."""


class UnknownJob(UnknownThing):
    """There is no job with this id."""


class UnknownKind(UnknownThing):
    """There is no kind of job with this name."""


class BadParameters(HeadwayError):
    """Some values are invalid."""

    def __init__(self, fields: Mapping[str, str], message: str = "") -> None:
        super().__init__(*([message] if message else []))
        self.fields = dict(fields)


class UnsupportedFile(BadParameters):
    """Files of this type are not accepted."""


class TooLarge(BadParameters):
    """This is too large."""


class Conflict(HeadwayError):
    """The job's state does not allow this."""


class StoreUnavailable(HeadwayError):
    """The store cannot be used at the moment."""


class StoreLost(StoreUnavailable):
    """This process cannot use the store any more; others can."""


class StoreMisused(HeadwayError):
    """The store was asked for the impossible; a mistake of Headway's own."""


class JobFailed(HeadwayError):
    """The job failed.

    The message is for the person who waits for the job.
    """


class BadSetting(SystemExit):
    """The value of a setting cannot be used; the process stops and names the setting."""


class MissingExtra(SystemExit):
    """A package is not installed; the process stops and says how to install it."""
