"""Tables that are not the store's own: rows that jobs make, read beside the state of their job."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from headway.model.record import JsonDict
from headway.store.reader import Reader
from headway.store.sql import Sql
from headway.store.writer import Writer

# What a thing says of its job: `job_status` and so on; the result comes decoded.
OF_JOB = ("status", "progress", "message", "started_at", "result")


class Things:
    """A table of things, each made by a job.

    It has the `columns`, `id`, `job_id` and `created_at` among them; a list leaves out those that
    are `long`. `files` in a thing are those of the `files` named here that its job has left.
    """

    def __init__(
        self,
        table: str,
        columns: Sequence[str],
        *,
        long: Sequence[str] = (),
        files: Sequence[str] = (),
    ) -> None:
        self._whole = list(columns)
        self._listed = [name for name in columns if name not in long]
        self._files = tuple(files)
        one, rows = self._select(table, self._whole), self._select(table, self._listed)
        below = f"(SELECT created_at, id FROM {table} WHERE id = :before)"  # noqa: S608  # ours
        newest = "ORDER BY thing.created_at DESC, thing.id DESC LIMIT :most"
        self._one = Sql(f"{one} WHERE thing.id = :id")
        self._newest = Sql(f"{rows} {newest}")
        self._below = Sql(f"{rows} WHERE (thing.created_at, thing.id) < {below} {newest}")
        places = ", ".join(f":{name}" for name in columns)
        self._insert = Sql(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})")  # noqa: S608  # ours

    async def newest(
        self, reader: Reader, *, before: str | None = None, most: int
    ) -> list[JsonDict]:
        """The newest things, `most` at most, older than the one `before`.

        Raises StoreUnavailable.
        """
        statement = self._below if before else self._newest
        rows = await reader.rows(statement, {"before": before, "most": most})
        return [self._thing(self._listed, row) for row in rows]

    async def one(self, reader: Reader, thing_id: str) -> JsonDict | None:
        """One thing, or None. Raises StoreUnavailable."""
        rows = await reader.rows(self._one, {"id": thing_id})
        return self._thing(self._whole, rows[0]) if rows else None

    def add(self, store: Writer, thing: Mapping[str, Any]) -> None:
        """Keep a new thing, within a transaction. Raises StoreUnavailable.

        It outlives its job: what it says of a job that is deleted is how that ended.
        """
        store.run(self._insert, thing)
        store.keep_tombstone(thing["job_id"])

    def _select(self, table: str, names: Sequence[str]) -> str:
        left = "(SELECT count(*) FROM artifacts WHERE job_id = thing.job_id AND name = '{}')"
        columns = [f"thing.{name}" for name in names]
        columns += [f"jobs.{name}" for name in OF_JOB]
        columns += [left.format(name) for name in self._files]
        joined = f"{table} AS thing LEFT JOIN jobs ON jobs.id = thing.job_id"
        return f"SELECT {', '.join(columns)} FROM {joined}"  # noqa: S608  # ours

    def _thing(self, names: Sequence[str], row: Sequence[Any]) -> JsonDict:
        of_job = (f"job_{name}" for name in OF_JOB)
        thing: JsonDict = dict(zip((*names, *of_job, *self._files), row, strict=True))
        thing["files"] = frozenset(name for name in self._files if thing.pop(name))
        thing["job_result"] = json.loads(thing["job_result"] or "null")
        return thing
