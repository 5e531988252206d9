"""Reads jobs out of Redis: whole ones by their ids, and pieces of a place without large fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import redis

from headway.mirror.keys import Keys
from headway.mirror.places import LISTS, Place, job_id_of
from headway.mirror.redis_replies import answers
from headway.mirror.rq_job import LARGE_FIELDS, SMALL_FIELDS, RqJob, read_job, read_result
from headway.mirror.safe_pickle import MAX_BYTES
from headway.mirror.sorted_hashes import SortedHashes, batches

# How many whole jobs one trip to Redis brings, and how large each job's hash and results may be:
# an application may keep half a gigabyte in either.
_AT_ONCE = 10
MAX_STORED_BYTES = 4 * MAX_BYTES
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

        What is larger than could be described is left out. Four commands for a job. Raises
        redis.RedisError.
        """
        found: dict[str, RqJob | None] = {}
        for some in batches(list(dict.fromkeys(job_ids)), _AT_ONCE):
            sizes = self._sizes(some)
            with self._connection.pipeline(transaction=False) as pipeline:
                for job_id, (size, results_size) in zip(some, sizes, strict=True):
                    large = LARGE_FIELDS if size <= MAX_STORED_BYTES else ()
                    pipeline.hmget(self._keys.job(job_id), [*SMALL_FIELDS, *large])
                    latest = "+" if results_size <= MAX_STORED_BYTES else "0"
                    pipeline.xrevrange(self._keys.results(job_id), latest, count=1)
                found_here = answers(pipeline)
            for job_id, values, results in zip(
                some, found_here[::2], found_here[1::2], strict=True
            ):
                found[job_id] = _whole(job_id, values, results)
        return found

    def dependents(self, job_ids: Sequence[str]) -> list[str]:
        """Ids of the jobs that wait for these. One command for each. Raises redis.RedisError."""
        with self._connection.pipeline(transaction=False) as pipeline:
            for job_id in job_ids:
                pipeline.smembers(self._keys.dependents(job_id))
            found = [each for each in answers(pipeline) if each]
        return [one.decode("utf-8", "replace") for members in found for one in members]

    def _sizes(self, job_ids: Sequence[str]) -> list[tuple[int, int]]:
        """Bytes of each job's hash and of its results; 0 where Redis does not say."""
        with self._connection.pipeline(transaction=False) as pipeline:
            for job_id in job_ids:
                pipeline.memory_usage(self._keys.job(job_id), samples=0)
                pipeline.memory_usage(self._keys.results(job_id), samples=0)
            found = pipeline.execute(raise_on_error=False)
        sizes = [size if isinstance(size, int) else 0 for size in found]
        return list(zip(sizes[::2], sizes[1::2], strict=True))

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
            found = answers(pipeline)
        return _small(zip(ids, found, strict=True)), start + _WITHOUT_SORT

    def _ids(self, place: Place, start: int, size: int) -> list[str]:
        command = self._connection.lrange if place.kind in LISTS else self._connection.zrange
        entries: Any = command(place.key, start, start + size - 1)
        return [job_id_of(entry) for entry in entries]


def _whole(job_id: str, values: Sequence[bytes | None], results: Any) -> RqJob | None:
    if not any(values or ()):
        return None
    newest = read_result(*results[0]) if results else None
    return read_job(job_id, _named(_FIELDS[: len(values)], values), newest)


def _small(rows: Iterable[tuple[str, Sequence[bytes | None]]]) -> list[RqJob]:
    """Ids stay in a place after their jobs are gone; those have no fields."""
    return [read_job(one, _named(SMALL_FIELDS, row)) for one, row in rows if any(row or ())]


def _named(names: Sequence[str], values: Sequence[bytes | None]) -> dict[bytes, bytes | None]:
    return {name.encode(): value for name, value in zip(names, values, strict=True)}
