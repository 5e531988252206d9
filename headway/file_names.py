"""File names: what a folder or a file is called on the disk that is there for any name at all.

It knows neither jobs nor settings.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from pathlib import Path

# Such a name is the file's own.
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
# Of another one so many characters are in the file's name, for people, before its digest.
SHOWN_CHARACTERS = 40
_NOT_SHOWN = re.compile(r"[^a-z0-9._-]+")
# Longest name that a person may give a file, in characters.
NAME_CHARACTERS = 150
# Control characters, halves of a surrogate pair, ends of lines, and what turns text around: a name
# that is shown as another one.
_NOT_IN_A_NAME = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def within(folder: Path, name: str, *, folds_case: bool) -> Path:
    """Where a thing of this name lies in a folder, which need not be there.

    `folds_case` says that the disk takes capitals and small letters for the same.
    """
    plain = PLAIN.fullmatch(name)
    if plain and (not folds_case or name == name.lower() or _is_listed(folder, name)):
        return folder / name
    shown = _NOT_SHOWN.sub("", name.lower())[:SHOWN_CHARACTERS].lstrip("._-")
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return folder / f"{shown}~{digest}"


def folds_case(folder: Path) -> bool:
    """True where the disk of this folder, if it is there, knows no capitals."""
    return folder.with_name(folder.name.swapcase()).exists()


def _is_listed(folder: Path, name: str) -> bool:
    # As the version before wrote it; to ask for it by name would find another's.
    try:
        return name in os.listdir(folder)  # noqa: PTH208  # a hundred thousand names at times
    except OSError:
        return False


def check_name(name: object) -> str:
    """A name for a file as it is. Raises ValueError, in words, for one that could do harm."""
    if (
        isinstance(name, str)
        and 0 < len(name) <= NAME_CHARACTERS
        and not name.startswith(".")
        and name == name.strip()
        and not any(
            each in "/\\" or each in _TURNING or unicodedata.category(each) in _NOT_IN_A_NAME
            for each in name
        )
    ):
        return name
    raise ValueError(
        f"{name!r} is no plain file name: it has 1 to {NAME_CHARACTERS} characters, no slash, "
        "backslash or control character, no dot at its begin and no blank at its ends"
    )
