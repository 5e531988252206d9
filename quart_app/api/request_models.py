"""What the API takes: queries and bodies, as they are validated and as `/openapi.json` says it."""

from __future__ import annotations

import re
import time
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from headway.client import LONGEST_DELAY_SECONDS
from headway.errors import BadParameters
from headway.model.record import JsonDict, safe_text, seconds_of
from headway.store import JobFilter
from quart_app.api.response_models import StatusName
from quart_app.bulk import BULK_JOBS
from quart_app.door.request_parsing import names_in, parsed, refuse_unknown

# Longest text that is searched for, and longest name of an owner, in characters.
SEARCH_CHARACTERS = 200
OWNER_CHARACTERS = 200
# Jobs of one page of a list: by default, and at most.
PAGE_ROWS = 50
MOST_ROWS = 500
# Files of one answer: by default, and at most; and the largest number of one that is looked for.
ARTIFACT_ROWS = 100
MOST_ARTIFACT_ROWS = 1_000
MOST_ARTIFACTS = 10**9
# Longest wait of the status endpoint, in seconds: under the timeouts of usual proxies.
LONGEST_WAIT_SECONDS = 55
# Longest whole number in a query, in digits.
DIGITS = 18
# A time as records write it.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
NAMES = "|".join(get_args(StatusName))
# Of several states a list may be, but not of several kinds, say.
FILTERED_ONCE = frozenset({"kind", "queue", "owner", "q"})
ONE_OF = {"oneOf": [{"required": ["ids"]}, {"required": ["match"]}]}


def _only_digits(value: Any) -> Any:
    # pydantic alone takes " 7", "+7", "7_0" and "7.0" too.
    is_text = isinstance(value, str)
    if is_text and not (value.isascii() and value.isdigit() and len(value) <= DIGITS):
        raise ValueError("Must be a whole number.")
    return value


def _not_empty(value: Any) -> Any:
    return None if value == "" else value


def _statuses(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    named = [status for status in value.split(",") if status]
    if not set(named) <= set(get_args(StatusName)):
        raise ValueError(f"Must be one or more of {', '.join(get_args(StatusName))}.")
    return ",".join(named) or None


def _findable(value: Any) -> Any:
    # SQLite's index takes no NUL, and no job holds one.
    return _not_empty(value.replace("\0", "") if isinstance(value, str) else value)


def _as_listed(value: str) -> str:
    if not TIME.fullmatch(value):
        raise ValueError("Must be a time as a list's own `next` names it.")
    return value


def _storable(value: Any) -> Any:
    return safe_text(value, len(value)) if isinstance(value, str) else value


def _with_zone(value: str) -> str:
    try:
        seconds_of(value)
    except (ValueError, OverflowError):
        raise ValueError("Must be a time with its zone, as 2026-01-31T12:00:00Z.") from None
    return value


def _ids(value: Any) -> Any:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError("Must be a list of jobs' ids.")
    return value


# What may be left out of an address, or left empty.
Text = Annotated[str | None, BeforeValidator(_not_empty)]
Whole = Annotated[int, BeforeValidator(_only_digits)]
ListedAt = Annotated[Annotated[str, AfterValidator(_as_listed)] | None, BeforeValidator(_not_empty)]


class Strict(BaseModel, extra="forbid"):
    """A body. A misspelt name would narrow nothing, and stop, or delete, every job."""

    @model_validator(mode="before")
    @classmethod
    def _names(cls, given: Any) -> Any:
        if isinstance(given, dict):
            refuse_unknown(given, names_in(cls))
        return given


class JobQuery(Strict):
    """What a list, or its stream, is narrowed to."""

    status: Annotated[str | None, BeforeValidator(_statuses)] = Field(
        None,
        pattern=f"^({NAMES})(,({NAMES}))*$",
        description="One or more, separated by commas.",
    )
    kind: Text = None
    queue: Text = None
    owner: Text = None
    q: Annotated[str | None, BeforeValidator(_findable)] = Field(
        None, max_length=SEARCH_CHARACTERS, description="Text to find."
    )

    def filter(self) -> JobFilter:
        """The same as the store takes it."""
        statuses = frozenset(self.status.split(",")) if self.status else frozenset[str]()
        return JobFilter(statuses, self.kind, self.queue, self.owner, self.q)


class Query(BaseModel, extra="ignore"):
    """A query. Which names there are is checked for every route of the API at once."""

    @model_validator(mode="before")
    @classmethod
    def _names(cls, given: JsonDict) -> JsonDict:
        """Of a name that is given twice the first counts, but a filter given twice is refused."""
        lists = {name: values for name, values in given.items() if isinstance(values, list)}
        twice = sorted(lists.keys() & cls.model_fields.keys() & FILTERED_ONCE)
        if twice:
            raise BadParameters(dict.fromkeys(twice, "Must be given once."))
        first = {name: values[0] for name, values in lists.items()}
        # As some clients write a list; others separate its parts by commas.
        return given | first | ({"status": ",".join(lists["status"])} if "status" in lists else {})


class CountQuery(Query, JobQuery, extra="ignore"):
    """What is counted."""


class PageQuery(Query):
    """Which page of a list."""

    before: Text = Field(None, description="Only what is older than this one.")
    limit: Whole = Field(PAGE_ROWS, ge=1, le=MOST_ROWS)


class PagedJobQuery(PageQuery, JobQuery, extra="ignore"):
    """The same, a page at a time."""

    at: ListedAt = Field(
        None,
        description="By which moment the job `before` was listed, as `next` has it: when it "
        "came into its state. Without it a job that left the state is taken for where it was.",
    )


class WaitQuery(Query):
    """How long to wait for a change."""

    wait: Whole = Field(0, ge=0, le=LONGEST_WAIT_SECONDS, description="Seconds.")


class LogQuery(Query):
    """Which log lines."""

    after: Whole = Field(0, ge=0, le=10**9, description="Only lines with a higher number.")
    limit: Whole = Field(1000, ge=1, le=10_000, description="Fewer come where they are long.")


class ArtifactQuery(Query):
    """Which files."""

    after: Whole = Field(0, ge=0, le=MOST_ARTIFACTS, description="How many to skip.")
    limit: Whole = Field(ARTIFACT_ROWS, ge=1, le=MOST_ARTIFACT_ROWS)


class ResumedQuery(Query):
    """Where a client left off."""

    last_event_id: str | None = Field(None, description="As the header Last-Event-ID.")
    lastEventId: str | None = Field(  # noqa: N815
        None, description="The same, as libraries for EventSource append it to an address."
    )


class JobStreamQuery(ResumedQuery):
    """How to stream a job."""

    log: Literal["0", "1"] = Field(
        "0", description="Log lines too: those behind the last one that was seen."
    )


class ListStreamQuery(ResumedQuery, JobQuery, extra="ignore"):
    """How to stream the list."""


class JobRequest(Strict):
    """A job to start."""

    kind: str = Field(description="The name of a kind; see /api/kinds.")
    params: dict[str, Any] = Field({}, description="The kind's parameters.")
    owner: Annotated[str | None, BeforeValidator(_storable)] = Field(
        None,
        min_length=1,
        max_length=OWNER_CHARACTERS,
        description="In whose name; lists can be narrowed to it.",
    )
    run_at: Annotated[str, AfterValidator(_with_zone)] | None = Field(
        None, description="When to start it (RFC 3339)."
    )
    delay_seconds: float | None = Field(
        None, ge=0, strict=True, description="How long to wait first."
    )

    @field_validator("delay_seconds")
    @classmethod
    def _alone(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is not None and info.data.get("run_at") is not None:
            raise ValueError("Cannot be given together with run_at.")
        return value

    def due(self) -> float | None:
        """When it is to start, in seconds since 1970; None for at once."""
        if self.delay_seconds is not None:
            # Clipped first: what is too long is refused later, whatever number it is.
            return time.time() + min(self.delay_seconds, 2 * LONGEST_DELAY_SECONDS)
        return seconds_of(self.run_at) if self.run_at is not None else None


class BulkRequest(Strict, json_schema_extra=ONE_OF):
    """What to do, and to which jobs: `ids`, or all that `match`."""

    action: Literal["stop", "retry", "delete"]
    ids: Annotated[list[str], BeforeValidator(_ids)] = Field([], max_length=BULK_JOBS)
    match: JobQuery = JobQuery()
    begin: str | None = Field(
        None, alias="from", description="Where to go on, as an answer's `next` says it."
    )

    @model_validator(mode="before")
    @classmethod
    def _one_of(cls, given: JsonDict) -> JsonDict:
        given = {name: value for name, value in given.items() if value is not None}
        if ("ids" in given) == ("match" in given):
            raise BadParameters({"ids": "Either these or `match` is needed."})
        if isinstance(given.get("match"), dict):  # its fields are named without their place
            given["match"] = parsed(JobQuery, given["match"])
        return given
