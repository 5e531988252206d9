"""Writing records: each method is one transaction, each change takes the next seq inside it.

It knows neither Redis nor who is told of a change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from headway.errors import UnknownJob
from headway.model.record import FINAL, Artifact, Failure, Record, Status, now
from headway.once import Once
from headway.processes import Process
from headway.settings import Settings, load_settings
from headway.store import statements
from headway.store.artifacts import ArtifactWriter
from headway.store.connection import BUSY_MILLISECONDS, Parameters
from headway.store.history import HistoryWriter
from headway.store.library import CharacterRow, LibraryWriter, StoryRow
from headway.store.rows import (
    EVENT_NAMES,
    JOB_NAMES,
    column_names,
    columns_of,
    created_once,
    record_of,
)
from headway.store.search_index import SearchIndexWriter
from headway.store.sql import Sql
from headway.store.sweeps import SweepWriter
from headway.store.uploads import UploadWriter
from headway.store.workers import WorkerWriter

# A change of one of these fields begins a new moment of the job.
OF_A_MOMENT = frozenset({"status", "stalled", "step", "step_name"})


class Refused(Exception):
    """A write would have moved a record backwards; its transaction leaves no trace."""


class Writer(
    LibraryWriter,
    HistoryWriter,
    ArtifactWriter,
    SweepWriter,
    WorkerWriter,
    SearchIndexWriter,
    UploadWriter,
):
    """Everything that is written. Not for use across a fork; one thread at a time."""

    # The store's name, known once something was written.
    epoch = ""

    def read_epoch(self) -> str:
        """The store's name."""
        self.epoch = str(self._run(statements.COUNTER, {})[0][1])
        return self.epoch

    def create(
        self,
        record: Record,
        item: CharacterRow | StoryRow | None = None,
        *,
        once: Once | None = None,
        upload: str | None = None,
    ) -> Record | None:
        """Insert a record, and the character or story it is for; None when its id is taken.

        None also when a job was created under the key of `once` before. The file `upload` is its
        own from now on. The commit survives a power cut.
        """
        with self._change(durable=True) as seq:
            values = columns_of(replace(record, seq=seq))
            if once is not None:
                values |= {"idempotency_key": once.key, "fingerprint": once.fingerprint}
            saved = self._one(statements.INSERT_JOB, values, record)
            self._index(record)
            self._add_moment(record.id)
            if item is not None:
                self.add(item)
            if upload is not None:
                self._take_in(record.id, upload)
            return saved
        return None

    def job_of_key(self, key: str) -> tuple[Record, str | None] | None:
        """The job that was created with an idempotency key, and its request's fingerprint."""
        return created_once(self._run(statements.JOB_OF_KEY, {"key": key}))

    @staticmethod
    def announce(changed: frozenset[str], *, taking: bool = False) -> None:
        """Say that these fields will be saved, for `prepare` to have the statement ready."""
        statements.save_job(column_names(changed), taking=taking)

    def save(
        self,
        record: Record,
        changed: frozenset[str],
        *,
        taking: bool = False,
        lines: Sequence[tuple[int, str, str]] = (),
        left_out: tuple[int, int] | None = None,
        artifacts: Sequence[Artifact] = (),
        peak_memory_bytes: int | None = None,
        process: Process | None = None,
    ) -> Record | None:
        """Write the `changed` fields of a record, its new files and log lines (number, time, text).

        The lines from the first to the last of those `left_out` go before. `process` is who runs
        it, for one that begins.

        Returns the record as it now stands, or None when it may not move this way: it is final,
        further on, in another attempt or, when `taking`, no longer waiting.
        """
        ending = record.status in FINAL
        with self._change(durable=ending) as seq:
            if artifacts:
                known = self._add_artifacts(record.id, artifacts, record.artifact_count)
                record, changed = (
                    replace(record, artifact_count=known),
                    changed | {"artifact_count"},
                )
            values = columns_of(replace(record, seq=seq, updated_at=now()))
            statement = statements.save_job(column_names(changed), taking=taking)
            saved = self._one(statement, values, record)
            if changed & OF_A_MOMENT:
                self._add_moment(record.id)
            if "status" in changed and record.status == Status.STARTED:
                self._begin_attempt(record, process)
            if ending or taking:  # a job of other code is first written when it is taken
                self._index(record)
            if ending:
                self._end_attempt(record, record.status, record.error, peak_memory_bytes)
            if left_out is not None:
                self._forget_lines(record.id, *left_out)
            self._add_lines(record.id, lines)
            return saved
        return None

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
        with self._change(durable=True) as seq:
            if failure is not None:
                self._end_attempt(record, Status.FAILED, failure, peak_memory_bytes)
            parameters = {
                "job_id": record.id,
                "of_attempt": record.attempt,
                "of_started_at": record.started_at,
                "new_seq": seq,
                "new_status": status.value,
                "new_message": message,
                "new_run_at": run_at,
                "new_params": columns_of(record)["params"],
                "at": now(),
            }
            saved = self._one(statements.next_attempt(allowed), parameters, record)
            self._add_moment(record.id)
            if record.artifact_count:
                self._forget_artifacts(record.id)
            return saved
        return None

    def delete(self, job_id: str) -> Record | None:
        """Turn a final record into a tombstone, its log and attempts gone; None if it is not."""
        with self._change(durable=True) as seq:
            parameters = {"job_id": job_id, "new_seq": seq, "at": now()}
            stone = self._one(statements.TOMBSTONE, parameters)
            self._forget_indexed(job_id)
            self._forget_history(job_id)
            self._forget_artifacts(job_id)
            return stone
        return None

    def begin_anew(self, record: Record) -> Record | None:
        """Put a new record in the place of a deleted one; None where none of its id was deleted."""
        with self._change() as seq:
            values = columns_of(replace(record, seq=seq, updated_at=now()))
            saved = self._one(statements.BEGIN_ANEW, values, record)
            self._add_moment(record.id)
            return saved
        return None

    def job(self, job_id: str) -> Record:
        """The whole record. Raises UnknownJob."""
        rows = self._run(statements.JOB, {"job_id": job_id})
        if not rows:
            raise UnknownJob(f"There is no job {job_id}.")
        return record_of(JOB_NAMES, rows[0])

    def note(self, record: Record, text: str) -> Record | None:
        """Add one line to a job's log; None when the record moved on or is final."""
        longer = replace(record, log_lines=record.log_lines + 1)
        return self.save(longer, frozenset({"log_lines"}), lines=[(longer.log_lines, now(), text)])

    @contextmanager
    def _change(self, *, durable: bool = False) -> Iterator[int]:
        # A refused write gives its seq back: seqs stay contiguous.
        try:
            with self._transaction(durable=durable):
                seq, self.epoch = self._run(statements.NEXT_SEQ, {})[0]
                yield seq
        except Refused:
            return

    def _one(self, statement: Sql, values: Parameters, like: Record | None = None) -> Record:
        # What stays at home does not come back from the database: it is as it was.
        rows = self._run(statement, values)
        if not rows:
            raise Refused
        saved = record_of(EVENT_NAMES, rows[0])
        if like is None:
            return saved
        return replace(saved, params=like.params, arguments=like.arguments)


@contextmanager
def open_writer(
    settings: Settings | None = None, *, busy_milliseconds: int = BUSY_MILLISECONDS
) -> Iterator[Writer]:
    """A writer for the length of a `with`. Raises StoreUnavailable when it cannot be opened."""
    with Writer(settings or load_settings(), busy_milliseconds=busy_milliseconds) as writer:
        yield writer
