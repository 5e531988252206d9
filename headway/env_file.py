"""The file `.env`: what in it can be no setting is said, never passed over.

pydantic-settings reads it, and so does honcho, each in its own way; this looks for what either
would ignore.
"""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Collection
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

# Windows' editors begin a file with a mark; it belongs to no name.
ENCODING = "utf-8-sig"
# From this likeness on a name is taken for a misspelt one.
LIKE = 0.8
# honcho gives its processes ports from the first one on, up to so many.
HONCHO_PORTS = 100

log = logging.getLogger(__name__)


class BadLine(ValueError):
    """A line of the file cannot be used; the message is for people."""


def settings_in(path: Path, known: Collection[str]) -> dict[str, str]:
    """The `known` names (in small letters) that the file sets, with what it sets them to.

    Warns of misspelt ones. Raises BadLine naming the line.
    """
    try:
        text = path.read_text(encoding=ENCODING)
    except (FileNotFoundError, IsADirectoryError):
        return {}
    except UnicodeDecodeError:
        raise BadLine(f"{path} is no UTF-8 text: save it as UTF-8.") from None
    for binding in parse_stream(StringIO(text)):
        _check(path, binding, known)
    values = dotenv_values(stream=StringIO(text))
    return {name.lower(): value or "" for name, value in values.items() if name.lower() in known}


def over_honchos(values: dict[str, str]) -> dict[str, str]:
    """What of the file stands against the environment: all that honcho cannot have read.

    honcho knows no `export`, no mark at the file's beginning, no `#` or space in a value. Under it
    the file wins over the environment, as honcho itself has it.
    """
    if "HONCHO_PROCESS_NAME" not in os.environ:
        return {}
    port, given = values.get("port", ""), os.environ.get("PORT", "")
    read = port.isdecimal() and given.isdecimal() and 0 <= int(given) - int(port) < HONCHO_PORTS
    return {name: value for name, value in values.items() if name != "port" or not read}


def _check(path: Path, binding: Binding, known: Collection[str]) -> None:
    line, name = binding.original.string.strip(), binding.key
    where = f"{path} line {_number(binding)}"
    if binding.error or (name is not None and binding.value is None):
        shown = line.partition("=")[0].strip()  # what follows may be a password
        raise BadLine(f"{where} ({shown}…) cannot be read: write NAME=value.")
    if name is None or name.lower() in known:
        return
    like = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=LIKE)
    if like:
        log.warning("%s: %s is no setting; %s is one", where, name, like[0].upper())


def _number(binding: Binding) -> int:
    # The parser counts blank lines before a binding to it.
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
