"""Which jobs a list shows: the filter, and the statements made from it.

A statement is `indexed` where the full-text index answers the filter's `q`.
"""

# ruff: noqa: S608  # statements are put together from words of ours alone

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from headway.model.record import FINAL, WAITING, Status
from headway.store.jobs import EVENT_COLUMNS
from headway.store.sql import Sql, prepared, quoted, with_counter

# So few jobs are each looked up in the index; for more of them it is searched as a whole.
LOOKED_UP = 20
# A text shorter than this is in no index of three letters; it is looked for in every row.
INDEXED_CHARACTERS = 3
_SEARCHED = ("title", "message", "error_message", "kind", "params")
_CONTAINS = " OR ".join(f"contains_pattern({column})" for column in _SEARCHED)
# What a job says while it runs changes too often to be indexed, and there are few of them.
_SAYS_NOW = f"(status IN {quoted(frozenset(Status) - FINAL)} AND contains_pattern(message))"
_IN_INDEX = "job_search MATCH :words"


class Filtered(Protocol):
    """What a filter looks at: a record, or an event."""

    @property
    def kind(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def owner(self) -> str | None: ...
    @property
    def status(self) -> str: ...
    @property
    def deleted(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class JobFilter:
    """What a list is narrowed to; an empty field narrows nothing. `q` is text to be found."""

    status: frozenset[str] = frozenset()
    kind: str | None = None
    queue: str | None = None
    owner: str | None = None
    q: str | None = None

    def matches(self, job: Filtered) -> bool:
        """True when a job passes everything but `q`, which only the store can answer."""
        return (
            not job.deleted
            and (not self.status or job.status in self.status)
            and self.kind in (None, job.kind)
            and self.queue in (None, job.queue)
            and self.owner in (None, job.owner)
        )

    def parameters(self) -> dict[str, Any]:
        """The values that the statements below take."""
        values: dict[str, Any] = {
            f"status_{i}": status for i, status in enumerate(sorted(self.status))
        }
        for name in ("kind", "queue", "owner"):
            if (value := getattr(self, name)) is not None:
                values[name] = value
        if self.q:
            escaped = self.q.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
            quoted_words, pattern = self.q.replace('"', '""'), f"%{escaped}%"
            folded = None if pattern.isascii() else pattern.lower()
            values |= {"pattern": pattern, "folded": folded, "words": f'"{quoted_words}"'}
        return values

    @property
    def can_be_indexed(self) -> bool:
        """True when a full-text index answers `q`, where there is one."""
        return len(self.q or "") >= INDEXED_CHARACTERS

    @property
    def moment(self) -> str:
        """The column by which the list is sorted, newest first.

        In a list of some states the newest is what came into its state last; else what was created
        last.
        """
        return "since" if self.status else "created_at"

    @property
    def conditions(self) -> str:
        """What a row of `jobs` has to fulfil, but for `q`."""
        conditions = ["jobs.deleted = false"]
        if self.status:
            each = (f"jobs.status = :status_{i}" for i in range(len(self.status)))
            conditions.append(f"({' OR '.join(each)})")
        names = ("kind", "queue", "owner")
        conditions += [
            f"jobs.{name} = :{name}" for name in names if getattr(self, name) is not None
        ]
        return " AND ".join(conditions)

    def all_conditions(self, *, indexed: bool, place: str = "true") -> str:
        """What a row of `jobs` has to fulfil, `q` too, and a condition on its `place`."""
        conditions = self.conditions if place == "true" else f"{self.conditions} AND {place}"
        if not self.q:
            return conditions
        if indexed:
            return f"{conditions} AND jobs.search_id IN ({_found(conditions)})"
        return f"{conditions} AND ({_CONTAINS})"


def newest(wanted: JobFilter, *, indexed: bool, below: bool = False, as_of: bool = False) -> Sql:
    """Newest jobs first, with the counter: from the top, or `below` the job `:before`.

    `as_of` says that this job was listed by the moment `:at`. A search of all states is in the
    order of the index, which is that of creation.
    """
    order = f"jobs.{wanted.moment} DESC, jobs.id DESC"
    if indexed and not wanted.status:
        conditions = f"jobs.search_id IN ({_newest_in_index(wanted, below=below)})"
        order = "jobs.search_id DESC"
    else:
        place = _below(wanted, as_of=as_of) if below else "true"
        conditions = wanted.all_conditions(indexed=indexed, place=place)
        if len(wanted.status) > 1 and not indexed:
            conditions = f"jobs.id IN ({_newest_of_each(wanted, conditions, order)})"
    rows = f"SELECT {EVENT_COLUMNS} FROM jobs WHERE {conditions} ORDER BY {order} LIMIT :most"
    return prepared(with_counter(rows, order=f"found.{wanted.moment} DESC, found.id DESC"))


def counts(wanted: JobFilter, *, indexed: bool) -> Sql:
    """How many of the jobs that pass the filter are in each status."""
    conditions = wanted.all_conditions(indexed=indexed)
    return prepared(f"SELECT status, count(*) FROM jobs WHERE {conditions} GROUP BY status")


def between(wanted: JobFilter, *, indexed: bool) -> Sql:
    """The jobs that pass the filter whose newest change lies above `:after` and up to `:upto`.

    Their ids and seqs, oldest change first.
    """
    conditions = wanted.all_conditions(indexed=indexed)
    return prepared(
        f"SELECT id, seq FROM jobs WHERE {conditions} AND seq > :after AND seq <= :upto"
        " ORDER BY seq LIMIT :most"
    )


def count_between(wanted: JobFilter, *, indexed: bool) -> Sql:
    """How many jobs that pass the filter changed last above `:after` and up to `:upto`."""
    conditions = wanted.all_conditions(indexed=indexed)
    return prepared(
        f"SELECT count(*) FROM jobs WHERE {conditions} AND seq > :after AND seq <= :upto"
    )


def matching(wanted: JobFilter, *, ids: int, indexed: bool) -> Sql:
    """Which of `ids` jobs, `:id_0` and so on, pass the filter.

    The index says which text a job holds, as in the other statements: it knows letters that LIKE
    does not, and no more than the beginning of long parameters.
    """
    # Not one condition for each: SQLite takes a thousand of those at most.
    given = f"({', '.join(f':id_{i}' for i in range(ids))})"
    if indexed:
        found = f"SELECT rowid FROM job_search WHERE {_IN_INDEX}"
        if ids <= LOOKED_UP:
            found += (
                f" AND rowid IN (SELECT search_id FROM jobs AS these WHERE these.id IN {given})"
            )
        conditions = f"{wanted.conditions} AND (jobs.search_id IN ({found}) OR {_SAYS_NOW})"
    else:
        conditions = wanted.all_conditions(indexed=False)
    return prepared(f"SELECT id FROM jobs WHERE id IN {given} AND {conditions}")


def _newest_of_each(wanted: JobFilter, conditions: str, order: str) -> str:
    """The newest jobs of each status, which an index has in order; of several it has not."""
    each = (
        f"SELECT id FROM (SELECT id FROM jobs WHERE status = :status_{i} AND {conditions}"
        f" ORDER BY {order} LIMIT :most) AS of_status_{i}"
        for i in range(len(wanted.status))
    )
    return " UNION ALL ".join(each)


def _below(wanted: JobFilter, *, as_of: bool) -> str:
    row = f"(jobs.{wanted.moment}, jobs.id)"
    if as_of:
        return f"{row} < (:at, :before)"
    at = _once_listed(wanted) if wanted.status else "before_this.created_at"
    return (
        f"{row} < (SELECT {at}, before_this.id FROM jobs AS before_this"
        " WHERE before_this.id = :before)"
    )


def _once_listed(wanted: JobFilter) -> str:
    """Where a job stands in a list of some states, or stood there last if it left them."""
    chosen = f"({', '.join(f':status_{i}' for i in range(len(wanted.status)))})"
    began = f"'started' IN {chosen}"
    waited = " OR ".join(f"'{status}' IN {chosen}" for status in sorted(WAITING))
    # A deleted job has no attempts any more.
    return f"""coalesce(
        CASE WHEN before_this.status IN {chosen} THEN before_this.since END,
        (
            SELECT max(
                CASE
                    WHEN attempts.ended_at IS NOT NULL AND attempts.status IN {chosen}
                        THEN attempts.ended_at
                    WHEN {began} THEN attempts.started_at
                END
            )
            FROM attempts WHERE attempts.job_id = before_this.id
        ),
        CASE WHEN {began} THEN before_this.started_at END,
        CASE WHEN {waited} THEN before_this.created_at END,
        before_this.since
    )"""


def _found(conditions: str) -> str:
    """All jobs that were found, by their row in the index."""
    # No join: SQLite would look each job up in the index, which takes minutes.
    return f"SELECT rowid FROM job_search WHERE {_IN_INDEX} UNION {_running(conditions)}"


def _newest_in_index(wanted: JobFilter, *, below: bool) -> str:
    """The newest jobs that were found, by their row in the index, which is in their order."""
    conditions = wanted.conditions
    if below:
        first = "SELECT search_id FROM jobs AS before_this WHERE before_this.id = :before"
        conditions += f" AND jobs.search_id < ({first})"
    return f"""
        SELECT search_id FROM (
            SELECT jobs.search_id FROM job_search JOIN jobs ON jobs.search_id = job_search.rowid
            WHERE {_IN_INDEX} AND {conditions} ORDER BY job_search.rowid DESC LIMIT :most
        ) AS indexed
        UNION ALL
        SELECT search_id FROM (
            {_running(conditions)} ORDER BY search_id DESC LIMIT :most
        ) AS running
    """


def _running(conditions: str) -> str:
    return f"SELECT search_id FROM jobs WHERE {_SAYS_NOW} AND {conditions}"
