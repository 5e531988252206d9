"""A worker's part played by the test: records written and published by the real writer."""

from __future__ import annotations

import os
import time
from os import PathLike
from typing import Any, Self

from rq.utils import as_text

from headway.broker.changes import Publisher
from headway.client import Client
from headway.files import ArtifactPart
from headway.model.record import Artifact, Failure, Record, Status, as_time, new_id, now
from headway.processes import HOST, Process
from headway.settings import Settings
from headway.store import Writer
from headway.store.artifacts import ARTIFACTS, artifact_of
from headway.store.workers import COLUMNS, record_heartbeat


def a_record(**fields: Any) -> Record:
    """A queued record; `fields` say what is different."""
    plain: dict[str, Any] = {
        "id": new_id(),
        "kind": "toy.count",
        "queue": "toys",
        "status": Status.QUEUED,
        "seq": 0,
        "attempt": 1,
        "max_attempts": 1,
        "created_at": now(),
        "updated_at": now(),
    }
    return Record(**plain | fields)


def _first_files(job_id: str) -> dict[str, Any]:
    return {"job_id": job_id, "after": 0, "most": 10_000}


def keep_artifact(
    settings: Settings,
    job_id: str,
    name: str,
    content: bytes | str | PathLike[str],
    attempt: int = 1,
) -> Artifact:
    """Write bytes, or copy the file at a path, as an artifact; whole or not at all."""
    with ArtifactPart(settings, job_id, name, content, attempt) as part:
        return part.put()


class Hand:
    """Writes and publishes like a worker, one step at a time."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.client = Client(settings)
        self.store = self.client.store
        self.publisher = Publisher(settings.redis_url)
        self._silent = Writer(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.publisher.close()
        self._silent.close()

    def create(self, *, publish: bool = True, **fields: Any) -> Record:
        """A new record in the store; RQ knows nothing of it."""
        return _saved(self._writer(publish=publish).create(a_record(**fields)))

    def start(self, record: Record, *, worker: str = "a-worker", publish: bool = True) -> Record:
        """The record taken by a worker."""
        saved = self._writer(publish=publish).save(
            record,
            claim=True,
            process=Process("a-host", os.getpid(), None),
            status=Status.STARTED,
            worker=worker,
            started_at=now(),
        )
        return _saved(saved)

    def change(self, record: Record, *, publish: bool = True, **fields: Any) -> Record:
        """The record with some fields changed."""
        return _saved(self._writer(publish=publish).save(record, **fields))

    def say(self, record: Record, *lines: str) -> Record:
        """The record with more lines in its log."""
        numbers = range(record.log_lines + 1, record.log_lines + 1 + len(lines))
        said = [(number, now(), line, None) for number, line in zip(numbers, lines, strict=True)]
        count = record.log_lines + len(lines)
        return _saved(self.store.save(record, lines=said, log_lines=count))

    def attach(self, record: Record, *files: Artifact) -> Record:
        """The record with more files; whoever calls it has put them into the job's folder."""
        return _saved(self.store.save(record, artifacts=files))

    def files(self, record: Record) -> list[Artifact]:
        """The files that the store lists for a job."""
        return [artifact_of(row) for row in self.store.run(ARTIFACTS, _first_files(record.id))]

    def finish(self, record: Record, result: Any = None, *, publish: bool = True) -> Record:
        """The record's good end."""
        return self.change(
            record, publish=publish, status=Status.FINISHED, result=result, ended_at=now()
        )

    def fail(self, record: Record, message: str = "no luck", *, publish: bool = True) -> Record:
        """The record's bad end."""
        error = Failure("ValueError", message, f"Traceback: secret\nValueError: {message}")
        return self.change(
            record, publish=publish, status=Status.FAILED, error=error, ended_at=now()
        )

    def delete(self, record: Record) -> Record:
        """The record's tombstone."""
        return _saved(self.store.delete(record.id))

    def heartbeat(self, name: str, *, silent_seconds: float = 0, **fields: Any) -> None:
        """A worker's heartbeat, so many seconds ago; by this clock, but of another host."""
        at = as_time(time.time() - silent_seconds)
        known = {"name": name, "host": HOST, "place": "far away", "pid": 1, "queue": "toys"}
        times = {"started_at": at, "heartbeat_at": at}
        empty = dict.fromkeys(COLUMNS)
        record_heartbeat(self.store, **empty | known | times | fields)

    def in_redis(self, queue: str = "toys") -> list[str]:
        """Ids of the jobs that wait in a list of RQ's."""
        ids = self.client.redis.lrange(f"rq:queue:{queue}", 0, -1)
        return [as_text(each) for each in ids]

    def _writer(self, *, publish: bool) -> Writer:
        return self.store if publish else self._silent


def _saved(record: Record | None) -> Record:
    assert record is not None, "the store refused this"
    return record
