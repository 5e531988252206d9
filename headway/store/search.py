"""Which jobs a list shows: the filter, and the statements made from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import (
    CompoundSelect,
    Select,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.sql import ColumnElement

from headway.model.record import FINAL, WAITING, Status
from headway.store.contains import Contains
from headway.store.search_index import job_search
from headway.store.sql import EVENT_COLUMNS, Sql, constant, named, one_of, with_counter
from headway.store.tables import SEARCH_TABLE, attempts, jobs

# So few jobs are each looked up in the index; for more of them it is searched as a whole.
LOOKED_UP = 20
# A text shorter than this is in no index of three letters; it is looked for in every row.
INDEXED_CHARACTERS = 3
_SEARCHED = (jobs.c.title, jobs.c.message, jobs.c.error_message, jobs.c.kind, jobs.c.params)
_NOT_OVER = frozenset(Status) - FINAL

# What distinguishes one filter's SQL from another's: how many statuses; whether kind, queue and
# owner are named; whether text is looked for, and in the index.
Shape = tuple[int, bool, bool, bool, bool, bool]


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

    def fits(self, job: Filtered) -> bool:
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
            quoted, pattern = self.q.replace('"', '""'), f"%{escaped}%"
            folded = None if pattern.isascii() else pattern.lower()
            values |= {"pattern": pattern, "folded": folded, "words": f'"{quoted}"'}
        return values

    def shape(self, *, has_text_index: bool) -> Shape:
        """What distinguishes one filter's SQL from another's, without the values."""
        kind, queue, owner = (value is not None for value in (self.kind, self.queue, self.owner))
        indexed = has_text_index and len(self.q or "") >= INDEXED_CHARACTERS
        return len(self.status), kind, queue, owner, bool(self.q), indexed


class Paged(Enum):
    """Where a page begins: at the top, below the job `:before`, or below `:before` as of `:at`."""

    TOP = auto()
    BELOW = auto()
    BELOW_AS_OF = auto()


@lru_cache(maxsize=256)
def newest(shape: Shape, paged: Paged) -> Sql:
    """Newest jobs first, with the counter.

    In a list of some states the newest is what came into its state last; else what was created
    last. A search of all states is in the order of the index, which is that of creation.
    """
    statuses, kind, queue, owner, _q, indexed = shape
    plain_shape: Shape = (statuses, kind, queue, owner, False, False)
    wanted = _conditions(plain_shape if indexed else shape)
    if paged is not Paged.TOP:
        wanted.append(_below(shape, paged))
    rows = select(*EVENT_COLUMNS)
    order = _order(jobs, statuses)
    if indexed and not statuses:
        rows = rows.where(jobs.c.search_id.in_(_found_in_index(wanted)))
        rows = rows.order_by(jobs.c.search_id.desc())
    elif indexed:
        rows = rows.where(jobs.c.search_id.in_(_found(wanted)), *wanted).order_by(*order)
    elif statuses > 1:
        rows = rows.where(jobs.c.id.in_(_newest_of_each(shape, wanted))).order_by(*order)
    else:
        rows = rows.where(*wanted).order_by(*order)
    rows = rows.limit(named("most")).offset(constant(0))
    moment: ColumnElement[str] = literal_column("found.since" if statuses else "found.created_at")
    return Sql(with_counter(rows).order_by(moment.desc(), literal_column("found.id").desc()))


@lru_cache(maxsize=256)
def counts(shape: Shape) -> Sql:
    """How many of the jobs that pass the filter are in each status."""
    statuses, kind, queue, owner, _q, indexed = shape
    plain_shape: Shape = (statuses, kind, queue, owner, False, False)
    wanted = _conditions(plain_shape if indexed else shape)
    if indexed:
        wanted.append(jobs.c.search_id.in_(_found(wanted)))
    return Sql(select(jobs.c.status, func.count()).where(*wanted).group_by(jobs.c.status))


@lru_cache(maxsize=256)
def between(shape: Shape, *, counted: bool) -> Sql:
    """The jobs that pass the filter whose newest change lies above `:after` and up to `:upto`.

    Their ids and seqs, oldest change first; or only how many they are.
    """
    statuses, kind, queue, owner, _q, indexed = shape
    plain_shape: Shape = (statuses, kind, queue, owner, False, False)
    wanted = _conditions(plain_shape if indexed else shape)
    if indexed:
        wanted.append(jobs.c.search_id.in_(_found(wanted)))
    wanted += [jobs.c.seq > named("after"), jobs.c.seq <= named("upto")]
    if counted:
        return Sql(select(func.count()).select_from(jobs).where(*wanted))
    rows = select(jobs.c.id, jobs.c.seq).where(*wanted).order_by(jobs.c.seq)
    return Sql(rows.limit(named("most")).offset(constant(0)))


@lru_cache(maxsize=256)
def matching(shape: Shape, *, ids: int) -> Sql:
    """Which of `ids` jobs, `:id_0` and so on, pass the filter.

    The index says which text a job holds, as in the other statements: it knows letters that LIKE
    does not, and no more than the beginning of long parameters.
    """
    statuses, kind, queue, owner, _q, indexed = shape
    plain_shape: Shape = (statuses, kind, queue, owner, False, False)
    wanted = _conditions(plain_shape if indexed else shape)
    # Not one condition for each: SQLite takes a thousand of those at most.
    given = [named(f"id_{i}") for i in range(ids)]
    wanted.append(jobs.c.id.in_(given))
    if indexed:
        found = select(job_search.c.rowid).where(_in_index())
        if ids <= LOOKED_UP:
            these = jobs.alias("these")
            rows = select(these.c.search_id).where(these.c.id.in_(given))
            found = found.where(job_search.c.rowid.in_(rows))
        wanted.append(or_(jobs.c.search_id.in_(found), _says_now()))
    return Sql(select(jobs.c.id).where(*wanted))


def _conditions(shape: Shape) -> list[ColumnElement[bool]]:
    statuses, kind, queue, owner, q, _indexed = shape
    conditions = [jobs.c.deleted == constant(False)]
    if statuses:
        wanted = (jobs.c.status == named(f"status_{i}") for i in range(statuses))
        conditions.append(or_(*wanted))
    columns = ((kind, jobs.c.kind), (queue, jobs.c.queue), (owner, jobs.c.owner))
    conditions += [column == named(column.name) for wanted, column in columns if wanted]
    if q:
        conditions.append(or_(*(Contains(column) for column in _SEARCHED)))
    return conditions


def _order(rows: Any, statuses: int) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    moment = rows.c.since if statuses else rows.c.created_at
    return moment.desc(), rows.c.id.desc()


def _newest_of_each(shape: Shape, wanted: list[ColumnElement[bool]]) -> Select[Any]:
    """The newest jobs of each status, which an index has in order; of several it has not."""
    each = (
        select(jobs.c.id)
        .where(jobs.c.status == named(f"status_{i}"), *wanted)
        .order_by(*_order(jobs, shape[0]))
        .limit(named("most"))
        .offset(constant(0))
        .subquery()
        for i in range(shape[0])
    )
    return select(union_all(*(select(rows.c.id) for rows in each)).subquery().c.id)


def _below(shape: Shape, paged: Paged) -> ColumnElement[bool]:
    statuses, *_, indexed = shape
    before = jobs.alias("before_this")
    if indexed and not statuses:
        first = select(before.c.search_id).where(before.c.id == named("before"))
        return jobs.c.search_id < first.scalar_subquery()
    moment = jobs.c.since if statuses else jobs.c.created_at
    row = tuple_(moment, jobs.c.id)
    if paged is Paged.BELOW_AS_OF:
        return row < tuple_(named("at"), named("before"))
    at = _once_listed(before, statuses) if statuses else before.c.created_at
    place = select(at, before.c.id).where(before.c.id == named("before"))
    return row < place.scalar_subquery()


def _once_listed(job: Any, statuses: int) -> ColumnElement[Any]:
    """Where a job stands in a list of some states, or stood there last if it left them."""
    chosen = [named(f"status_{i}") for i in range(statuses)]
    began = constant(Status.STARTED.value).in_(chosen)
    moment = case(
        (
            and_(attempts.c.ended_at.is_not(None), attempts.c.status.in_(chosen)),
            attempts.c.ended_at,
        ),
        (began, attempts.c.started_at),
    )
    last = select(func.max(moment)).where(attempts.c.job_id == job.c.id).scalar_subquery()
    waited = or_(*(constant(status.value).in_(chosen) for status in sorted(WAITING)))
    return func.coalesce(
        case((job.c.status.in_(chosen), job.c.since)),
        last,
        # A deleted job has no attempts any more.
        case((began, job.c.started_at)),
        case((waited, job.c.created_at)),
        job.c.since,
    )


def _found(wanted: list[ColumnElement[bool]]) -> CompoundSelect[Any]:
    """All jobs that were found, by their row in the index."""
    # No join: SQLite would look each job up in the index, which takes minutes.
    return union(select(job_search.c.rowid).where(_in_index()), _running(wanted))


def _found_in_index(wanted: list[ColumnElement[bool]]) -> Select[Any]:
    """The newest jobs that were found, by their row in the index, which is in their order."""
    indexed = (
        select(jobs.c.search_id)
        .select_from(job_search.join(jobs, jobs.c.search_id == job_search.c.rowid))
        .where(_in_index(), *wanted)
        .order_by(job_search.c.rowid.desc())
    )
    running = _running(wanted).order_by(jobs.c.search_id.desc())
    newest_of = (
        select(rows.limit(named("most")).offset(constant(0)).subquery().c.search_id)
        for rows in (indexed, running)
    )
    return select(union_all(*newest_of).subquery().c.search_id)


def _in_index() -> ColumnElement[bool]:
    return literal_column(SEARCH_TABLE).op("MATCH")(named("words"))


def _running(wanted: list[ColumnElement[bool]]) -> Select[Any]:
    return select(jobs.c.search_id).where(_says_now(), *wanted)


def _says_now() -> ColumnElement[bool]:
    """What a job says while it runs changes too often to be indexed, and there are few of them."""
    return and_(one_of(jobs.c.status, _NOT_OVER), Contains(jobs.c.message))
