"""Reads jobs out of Redis: whole ones by their ids, and pieces of a place without large fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import redis

from headway.mirror.keys import Keys
from headway.mirror.places import LISTS, Place, job_id_of
from headway.mirror.rq_job import LARGE_FIELDS, SMALL_FIELDS, RqJob, read_job, read_result
from headway.mirror.sorted_hashes import SortedHashes, batches

# How many whole jobs one trip to Redis brings, since each may be large.
_AT_ONCE = 50
# How many a piece has where Redis refuses SORT, for each costs a command.
_WITHOUT_SORT = 10
_FIELDS = SMALL_FIELDS + LARGE_FIELDS


class JobReader:
    """Reads jobs over one connection."""

    def __init__(self, connection: redis.Redis, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys
        self._sorted = SortedHashes(connection)

    def whole(self, job_ids: Iterable[str]) -> dict[str, RqJob | None]:
        """Each job with all its fields and its newest result; None where there is no such job.

        Two commands for a job. Raises redis.RedisError.
        """
        found: dict[str, RqJob | None] = {}
        for some in batches(list(dict.fromkeys(job_ids)), _AT_ONCE):
            with self._connection.pipeline(transaction=False) as pipeline:
                for job_id in some:
                    pipeline.hmget(self._keys.job(job_id), _FIELDS)
                    pipeline.xrevrange(self._keys.results(job_id), count=1)
                answers = pipeline.execute()
            for job_id, values, results in zip(some, answers[::2], answers[1::2], strict=True):
                found[job_id] = _whole(job_id, values, results)
        return found

    def piece(self, place: Place, start: int, size: int) -> tuple[list[RqJob], int]:
        """Jobs of a place from the one at `start`, without large fields, and where the next begin.

        One command; where Redis refuses SORT, fewer jobs with one for each. A job's result is not
        looked up. Raises redis.RedisError.
        """
        rows = self._sorted.rows(place.key, self._keys.job("*"), SMALL_FIELDS, start, size)
        if rows is not None:
            return _small((job_id_of(entry), fields) for entry, fields in rows), start + size
        ids = self._ids(place, start, _WITHOUT_SORT)
        with self._connection.pipeline(transaction=False) as pipeline:
            for job_id in ids:
                pipeline.hmget(self._keys.job(job_id), SMALL_FIELDS)
            answers = pipeline.execute()
        return _small(zip(ids, answers, strict=True)), start + _WITHOUT_SORT

    def _ids(self, place: Place, start: int, size: int) -> list[str]:
        command = self._connection.lrange if place.kind in LISTS else self._connection.zrange
        entries: Any = command(place.key, start, start + size - 1)
        return [job_id_of(entry) for entry in entries]


def _whole(job_id: str, values: Sequence[bytes | None], results: Any) -> RqJob | None:
    if not any(values):
        return None
    newest = read_result(*results[0]) if results else None
    return read_job(job_id, _named(_FIELDS, values), newest)


def _small(rows: Iterable[tuple[str, Sequence[bytes | None]]]) -> list[RqJob]:
    """Ids stay in a place after their jobs are gone; those have no fields."""
    return [read_job(one, _named(SMALL_FIELDS, row)) for one, row in rows if any(row)]


def _named(names: Sequence[str], values: Sequence[bytes | None]) -> dict[bytes, bytes | None]:
    return {name.encode(): value for name, value in zip(names, values, strict=True)}
