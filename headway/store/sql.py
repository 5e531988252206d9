"""SQL as text that both databases read, and the few places where their words differ."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache

# A parameter, which is not the second colon of a PostgreSQL cast.
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]\w*)")
_FUNCTION = re.compile(r"\b(seconds_between|contains_pattern)\(([^()]*)\)")

# Our own functions: the seconds from one time, as text, to another; and whether a text contains
# what `:pattern` says, in capital or small letters.
_ON_SQLITE = {
    "seconds_between": "(julianday({1}) - julianday({0})) * 86400",
    # LIKE knows English letters only, and is twice as fast as a function of ours for each text.
    # `:folded` is the pattern in small letters where it has other letters, else NULL.
    "contains_pattern": r"({0} LIKE :pattern ESCAPE '\' OR"
    r" :folded IS NOT NULL AND lower({0}) LIKE :folded ESCAPE '\')",
}
_ON_POSTGRESQL = {
    "seconds_between": "CAST(EXTRACT(EPOCH FROM CAST({1} AS TIMESTAMPTZ)"
    " - CAST({0} AS TIMESTAMPTZ)) AS DOUBLE PRECISION)",
    # The order "C", which the columns have, knows English letters only; the database's own order
    # knows its language's too.
    "contains_pattern": r"({0} COLLATE " + r""""default" ILIKE :pattern ESCAPE '\')""",
}


class Sql:
    """One statement, with `:name` for a parameter; put into a database's words on first use.

    Two functions have their own words in each: `seconds_between(earlier, later)` and
    `contains_pattern(column)`. Their arguments have neither parentheses nor commas.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def sqlite(self) -> str:
        """The text with `:name` parameters."""
        # IS compares any two values; only a SQLite of 2022 or later reads the standard's words.
        return _with(_ON_SQLITE, self._text).replace("IS NOT DISTINCT FROM", "IS")

    @cached_property
    def postgresql(self) -> str:
        """The text with `%(name)s` parameters."""
        text = _with(_ON_POSTGRESQL, self._text).replace("%", "%%")
        return _PARAMETER.sub(r"%(\1)s", text)


# Statements that are put together from the parts of a request come back in the same few forms.
prepared = lru_cache(maxsize=1024)(Sql)


def _with(words: dict[str, str], text: str) -> str:
    return _FUNCTION.sub(lambda call: words[call[1]].format(*call[2].split(", ")), text)


def quoted(values: Iterable[str]) -> str:
    """Words of ours, such as statuses, as a list for IN."""
    return "(" + ", ".join(f"'{value}'" for value in sorted(values)) + ")"


def with_counter(rows: str, order: str) -> str:
    """Rows, `found`, and the counter of the same moment: one statement is one read transaction.

    The counter's row comes back alone, with an empty `id`, where there are no rows.
    """
    return (
        f"SELECT counter.seq, counter.epoch, found.* FROM counter LEFT JOIN ({rows}) AS found"  # noqa: S608  # ours
        f" ON true ORDER BY {order}"
    )
