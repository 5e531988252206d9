"""Fields of many hashes in one command: SORT, with the order left as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import redis

Row = tuple[bytes, Sequence[bytes | None]]


class SortedHashes:
    """Reads the hashes that the members of a key name, as long as Redis allows it.

    Redis keeps a small sorted set in another encoding once it was read so, and changes no more.
    """

    def __init__(self, connection: redis.Redis) -> None:
        # Those that were not refused yet; Redis has the first, which cannot write, since 7.0.
        self._sorts: list[Callable[..., Any]] = [connection.sort_ro, connection.sort]

    def rows(
        self, key: str, pattern: str, fields: Sequence[str], start: int, size: int
    ) -> list[Row] | None:
        """Members from the one at `start`, each with the fields of the hash that `pattern` names.

        A `*` in the pattern stands for the member. None where Redis refuses it, by its access list
        for example. Raises redis.RedisError.
        """
        columns = ["#", *(f"{pattern}->{name}" for name in fields)]
        for sort in list(self._sorts):
            try:
                values = sort(key, start=start, num=size, by="nosort", get=columns)
            except redis.ResponseError:
                self._sorts.remove(sort)
            else:
                return [(member, rest) for member, *rest in batches(values, len(columns))]
        return None


def batches(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The values, so many at a time."""
    return (values[start : start + size] for start in range(0, len(values), size))
