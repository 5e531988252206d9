"""Writing records: each method is one transaction, and each change takes the next seq inside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

from headway.errors import UnknownJob
from headway.model.idempotency import IdempotentRequest
from headway.model.record import FINAL, Artifact, Failure, Record, Status, now
from headway.processes import Process
from headway.settings import Settings, load_settings
from headway.store import history, jobs, uploads
from headway.store.artifacts import FORGET_ARTIFACTS, add_artifacts
from headway.store.connection import BUSY_MILLISECONDS, Parameters
from headway.store.database import connect
from headway.store.jobs import (
    EVENT_NAMES,
    JOB_NAMES,
    answer_in,
    column_names,
    columns_of,
    record_of,
)
from headway.store.sql import Sql

# A change of one of these fields is a transition of the job.
OF_A_TRANSITION = frozenset({"status", "stalled", "step", "step_name"})


@dataclass(slots=True)
class Change:
    """A change in the making: its seq, and the record as it is saved."""

    seq: int = 0
    saved: Record | None = None


class OnCommit(Protocol):
    """Hears of what was committed."""

    def __call__(self, epoch: str, *records: Record) -> None:
        """The records of one commit of the store with this epoch, in the order of their seqs."""


class Refused(Exception):
    """A write would have moved a record backwards; its transaction leaves no trace."""


class Writer:
    """Owns one connection and writes records. Not for use across a fork; one thread at a time.

    `on_commit` gets the store's epoch and the changed records after each commit.
    """

    # The store's name, known once something was written.
    epoch = ""

    def __init__(
        self,
        settings: Settings,
        *,
        busy_milliseconds: int = BUSY_MILLISECONDS,
        on_commit: OnCommit | None = None,
    ) -> None:
        self._connection = connect(settings, busy_milliseconds=busy_milliseconds)
        self._has_text_index = not settings.on_postgresql
        self._on_commit = on_commit
        # Within `together`: the records that were changed so far.
        self._together: list[Record] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait_up_to(self, busy_milliseconds: int) -> None:
        """From now on wait this long for another process' write."""
        self._connection.wait_up_to(busy_milliseconds)

    def close(self) -> None:
        """Let go of the database; may be called twice."""
        self._connection.close()

    def run(self, statement: Sql, parameters: Parameters) -> list[Any]:
        """Run one statement; returns its rows. Raises StoreUnavailable, StoreMisused."""
        return self._connection.run(statement, parameters)

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[None]:
        """One write transaction: commits at the end, rolls back on any exception.

        `durable` makes the commit survive a power cut. Raises StoreUnavailable.
        """
        return self._connection.transaction(durable=durable)

    @contextmanager
    def together(self) -> Iterator[None]:
        """All changes of the block in one transaction, which survives a power cut.

        Raises StoreUnavailable: then none of them was made, unless it broke at the commit.
        """
        saved = self._together = list[Record]()
        try:
            with self.transaction(durable=True):
                yield
        finally:
            self._together = None
        if saved and self._on_commit is not None:
            self._on_commit(self.epoch, *saved)

    def define(self, statements: Iterable[str]) -> None:
        """Make tables and indices that are not the store's own, by `CREATE … IF NOT EXISTS`.

        Many processes may do so at once. TEXT sorts by code point. Raises StoreUnavailable.
        """
        self._connection.define(statements)

    def read_epoch(self) -> str:
        """The store's name."""
        self.epoch = str(self.run(jobs.COUNTER, {})[0][1])
        return self.epoch

    def create(
        self,
        record: Record,
        *,
        once: IdempotentRequest | None = None,
        upload: str | None = None,
        also: Callable[[Writer], None] | None = None,
    ) -> Record | None:
        """Insert a record; None when its id is taken.

        None also when a job was created under the key of `once` before. The file `upload` is its
        own from now on. `also` writes what belongs to the job in the same transaction, which
        survives a power cut.
        """
        with self._change(durable=True) as change:
            values = columns_of(replace(record, seq=change.seq))
            if once is not None:
                values |= {"idempotency_key": once.key, "fingerprint": once.fingerprint}
            change.saved = self._one(jobs.INSERT_JOB, values, record)
            self._index(record)
            self.run(history.ADD_TRANSITION, {"job_id": record.id})
            if upload is not None:
                self.run(uploads.TAKE_IN, {"job_id": record.id, "name": upload})
            if also is not None:
                also(self)
        return change.saved

    def answer_to(self, request: IdempotentRequest) -> Record | None:
        """The job that this request started when it was sent before."""
        return answer_in(self.run(jobs.JOB_OF_KEY, {"key": request.key}), request)

    def save(
        self,
        record: Record,
        *,
        claim: bool = False,
        follow: bool = False,
        lines: Sequence[history.LogLine] = (),
        left_out: tuple[int, int] | None = None,
        artifacts: Sequence[Artifact] = (),
        peak_memory_bytes: int | None = None,
        process: Process | None = None,
        **changes: Any,
    ) -> Record | None:
        """Write the `changes` of a record's fields, its new files and log lines.

        A line is (number, time, text, stream); those from the first to the last of `left_out` are
        removed before. `process` is the one that runs a job which begins. To `follow` RQ, the
        record of an application's job may move anywhere, if it is still as it was read.

        Returns the record as it now stands, or None when it may not move this way: it is final,
        further on, in another attempt or, for a `claim`, no longer waiting.
        """
        record = replace(record, **changes)
        ending = record.status in FINAL
        with self._change(durable=ending) as change:
            if artifacts:
                known = add_artifacts(self, record.id, artifacts, record.artifact_count)
                record = replace(record, artifact_count=known)
                changes["artifact_count"] = known
            values = columns_of(replace(record, seq=change.seq, updated_at=now()))
            if follow:
                values["known_seq"] = record.seq
            statement = jobs.save_job(column_names(frozenset(changes)), claim=claim, follow=follow)
            change.saved = self._one(statement, values, record)
            if not OF_A_TRANSITION.isdisjoint(changes):
                self.run(history.ADD_TRANSITION, {"job_id": record.id})
            if "status" in changes and record.status == Status.STARTED:
                history.begin_attempt(self, record, process)
            if (
                ending or claim or follow
            ):  # another program's job is first written when it is claimed
                self._index(record)
            if ending:
                history.end_attempt(self, record, record.status, record.error, peak_memory_bytes)
            if left_out is not None:
                first, last = left_out
                parameters = {"job_id": record.id, "first": first, "last": last}
                self.run(history.FORGET_LINES, parameters)
            if lines:
                history.add_lines(self, record.id, lines)
        return change.saved

    def next_attempt(
        self,
        record: Record,
        allowed: frozenset[Status],
        *,
        status: Status = Status.QUEUED,
        message: str = "",
        run_at: str | None = None,
        failure: Failure | None = None,
        peak_memory_bytes: int | None = None,
    ) -> Record | None:
        """Begin the attempt after `record.attempt`, ending that one with `failure` if it ran.

        Returns None when the record is not in one of the `allowed` statuses any more.
        """
        with self._change(durable=True) as change:
            if failure is not None:
                history.end_attempt(self, record, Status.FAILED, failure, peak_memory_bytes)
            parameters = {
                "job_id": record.id,
                "of_attempt": record.attempt,
                "of_started_at": record.started_at,
                "new_seq": change.seq,
                "new_status": status.value,
                "new_message": message,
                "new_run_at": run_at,
                "new_params": columns_of(record)["params"],
                "at": now(),
            }
            change.saved = self._one(jobs.next_attempt(allowed), parameters, record)
            self._index(change.saved)
            self.run(history.ADD_TRANSITION, {"job_id": record.id})
            if record.artifact_count:
                self.run(FORGET_ARTIFACTS, {"job_id": record.id})
        return change.saved

    def delete(self, job_id: str) -> Record | None:
        """Turn a final record into a tombstone, its log and attempts gone; None if it is not."""
        with self._change(durable=True) as change:
            parameters = {"job_id": job_id, "new_seq": change.seq, "at": now()}
            change.saved = self._one(jobs.TOMBSTONE, parameters)
            if self._has_text_index:
                self.run(jobs.FORGET_INDEXED, {"job_id": job_id})
            for statement in (*history.FORGET, FORGET_ARTIFACTS):
                self.run(statement, {"job_id": job_id})
        return change.saved

    def recreate(self, record: Record) -> Record | None:
        """Put a new record in the place of a deleted one; None where none of its id was deleted."""
        if not self.run(jobs.WAS_DELETED, {"job_id": record.id}):
            return None  # most are new: no write transaction for those
        with self._change() as change:
            values = columns_of(replace(record, seq=change.seq, updated_at=now()))
            change.saved = self._one(jobs.RECREATE, values, record)
            self._index(change.saved)
            self.run(history.ADD_TRANSITION, {"job_id": record.id})
        return change.saved

    def job(self, job_id: str) -> Record:
        """The whole record. Raises UnknownJob."""
        rows = self.run(jobs.JOB, {"job_id": job_id})
        if not rows:
            raise UnknownJob(f"There is no job {job_id}.")
        return record_of(JOB_NAMES, rows[0])

    def stop_asked_by(self, job_id: str) -> str | None:
        """Who asked for a job to be stopped, or None."""
        rows = self.run(jobs.STOP_ASKED_BY, {"job_id": job_id})
        return rows[0][0] if rows else None

    def keep_tombstone(self, job_id: str) -> None:
        """Let a job's record stay when the job is deleted: what it made looks at how it ended."""
        self.run(jobs.KEEP_TOMBSTONE, {"job_id": job_id})

    def note(self, record: Record, text: str) -> Record | None:
        """Add one line to a job's log; None when the record moved on or is final."""
        number = record.log_lines + 1
        return self.save(record, log_lines=number, lines=[(number, now(), text, None)])

    @contextmanager
    def _change(self, *, durable: bool = False) -> Iterator[Change]:
        change = Change()
        # A refused write gives its seq back: seqs stay contiguous.
        part = self.transaction(durable=durable) if self._together is None else self._savepoint()
        try:
            with part:
                change.seq, self.epoch = self.run(jobs.NEXT_SEQ, {})[0]
                yield change
        except Refused:
            change.saved = None
        if change.saved is None:
            return
        if self._together is not None:
            self._together.append(change.saved)
        elif self._on_commit is not None:
            self._on_commit(self.epoch, change.saved)

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        self.run(jobs.SAVEPOINT, {})
        try:
            yield
        except Refused:  # of anything else the whole transaction is rolled back
            self.run(jobs.BACK_TO_SAVEPOINT, {})
            self.run(jobs.RELEASE_SAVEPOINT, {})
            raise
        self.run(jobs.RELEASE_SAVEPOINT, {})

    def _index(self, record: Record) -> None:
        if self._has_text_index:
            text = jobs.searched_text(record)
            self.run(jobs.INDEX_JOB, {"job_id": record.id, "text": text})

    def _one(self, statement: Sql, values: Parameters, like: Record | None = None) -> Record:
        # What stays at home does not come back from the database: it is as it was.
        rows = self.run(statement, values)
        if not rows:
            raise Refused
        saved = record_of(EVENT_NAMES, rows[0])
        if like is None:
            return saved
        return replace(saved, params=like.params, arguments=like.arguments)


@contextmanager
def open_writer(
    settings: Settings | None = None,
    *,
    busy_milliseconds: int = BUSY_MILLISECONDS,
    on_commit: OnCommit | None = None,
) -> Iterator[Writer]:
    """A writer for the length of a `with`. Raises StoreUnavailable when it cannot be opened."""
    with Writer(
        settings or load_settings(), busy_milliseconds=busy_milliseconds, on_commit=on_commit
    ) as writer:
        yield writer
