"""Where settings come from: the environment and the file `.env`.

A line of the file that cannot be a setting is refused, never ignored. honcho reads the file too,
in its own way, and passes it on as environment; what it cannot read counts all the same.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dotenv.parser import Binding

# Editors on Windows begin a file with a byte order mark; it is no part of a name.
ENCODING = "utf-8-sig"
# From this similarity on, a name counts as a misspelt one.
SIMILAR = 0.8
# honcho gives its processes ports from the first one on, up to this many.
HONCHO_PORTS = 100

log = logging.getLogger(__name__)


class BadLine(ValueError):
    """A line of the file cannot be used; the message is for people."""


def values_given(env_file: str | None, known: Collection[str]) -> dict[str, str]:
    """The values of the `known` names (in small letters) in the environment and the file.

    The environment wins; but under honcho the file does, as honcho itself has it. Warns of
    misspelt names in the file. Raises BadLine naming the line.
    """
    variables = {name.lower(): value for name, value in os.environ.items()}
    given = {name: variables[name] for name in known if name in variables}
    in_file = _read(Path(env_file), known) if env_file else {}
    if "HONCHO_PROCESS_NAME" not in os.environ:
        return in_file | given
    if _from_honcho(in_file.get("port", ""), given.get("port", "")):
        in_file.pop("port")
    return given | in_file


def _from_honcho(in_file: str, given: str) -> bool:
    """True when honcho has read the file's port and counted on from it for this process."""
    both = in_file.isdecimal() and given.isdecimal()
    return both and 0 <= int(given) - int(in_file) < HONCHO_PORTS


def _read(path: Path, known: Collection[str]) -> dict[str, str]:
    try:
        text = path.read_text(encoding=ENCODING)
    except (FileNotFoundError, IsADirectoryError):
        return {}
    except UnicodeDecodeError:
        raise BadLine(f"{path} is no UTF-8 text: save it as UTF-8.") from None
    from dotenv import dotenv_values  # noqa: PLC0415  # most processes have no such file
    from dotenv.parser import parse_stream  # noqa: PLC0415  # as above

    for binding in parse_stream(StringIO(text)):
        _check(path, binding, known)
    values = dotenv_values(stream=StringIO(text))
    return {name.lower(): value or "" for name, value in values.items() if name.lower() in known}


def _check(path: Path, binding: Binding, known: Collection[str]) -> None:
    line, name = binding.original.string.strip(), binding.key
    where = f"{path} line {_number(binding)}"
    if binding.error or (name is not None and binding.value is None):
        shown = line.partition("=")[0].strip()  # what follows may be a password
        raise BadLine(f"{where} ({shown}…) cannot be read: write NAME=value.")
    if name is None or name.lower() in known:
        return
    import difflib  # noqa: PLC0415  # as above

    similar = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=SIMILAR)
    if similar:
        log.warning("%s: %s is no setting; %s is one", where, name, similar[0].upper())


def _number(binding: Binding) -> int:
    # The parser counts the blank lines before a binding as part of it.
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
