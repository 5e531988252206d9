"""The files of jobs: those they leave (artifacts) and those they are given (uploads)."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import re
import shutil
import unicodedata
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Self

from headway.errors import StoreUnavailable
from headway.model.record import Artifact, new_id
from headway.settings import Settings, load_settings

UNKNOWN_TYPE = "application/octet-stream"
# Pictures that a browser may show; an SVG can hold scripts.
PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})

# The first bytes of each type of image: they decide, whatever the file is called.
SIGNATURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/webp": (b"RIFF",),
}
SIGNATURE_BYTES = 16

# Such a name is the file's name on the disk too.
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
# Of any other name the file shows so many characters, for people, before a digest.
SHOWN_CHARACTERS = 40
_NOT_SHOWN = re.compile(r"[^a-z0-9._-]+")
# Longest name that a person may give a file, in characters.
NAME_CHARACTERS = 150
# Control characters, halves of a surrogate pair, line ends, and what reverses text: with these a
# name could be shown as another one.
_NOT_IN_A_NAME = frozenset({"Cc", "Cs", "Zl", "Zp"})
_REVERSING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def artifact_path(settings: Settings, job_id: str, name: str, attempt: int = 1) -> Path:
    """The path of an artifact of a job's attempt, whether it exists or not.

    Raises ValueError for a name that no artifact can have.
    """
    check_name(name)
    folder, folds = _folder_of(settings, job_id)
    own = folder if attempt == 1 else folder / f"~{attempt}"
    path = within(own, name, folds_case=folds)
    if attempt > 1 and not path.exists():
        # An earlier version kept the files of all attempts together.
        before = within(folder, name, folds_case=folds)
        return before if before.exists() else path
    return path


def _folder_of(settings: Settings, job_id: str) -> tuple[Path, bool]:
    root = settings.data_dir / "artifacts"
    folds = folds_case(root)
    return within(root, job_id, folds_case=folds), folds


def copy_aside(settings: Settings, content: bytes | str | PathLike[str]) -> Path:
    """A copy of a file's content as it is now, for another process to keep, and to remove."""
    path = settings.data_dir / "artifacts" / f".{new_id()}.aside"
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        shutil.copyfile(content, path)
    return path


class ArtifactPart:
    """A partial artifact: written beside its place for the length of a `with`.

    Under a name of its own, for two may write the same artifact at once: the last one wins.
    """

    def __init__(
        self,
        settings: Settings,
        job_id: str,
        name: str,
        content: bytes | str | PathLike[str],
        attempt: int,
    ) -> None:
        check_name(name)
        folder, folds = _folder_of(settings, job_id)
        own = folder if attempt == 1 else folder / f"~{attempt}"
        self._name = name
        self._content = content
        self._path = within(own, name, folds_case=folds)
        self._part = own / f".{new_id()}.part"

    def __enter__(self) -> Self:
        self._part.parent.mkdir(parents=True, exist_ok=True)
        try:
            if isinstance(self._content, bytes):
                self._part.write_bytes(self._content)
            else:
                shutil.copyfile(self._content, self._part)
        except BaseException:
            self.__exit__()
            raise
        return self

    def put(self) -> Artifact:
        """Move it to its place, over what is there."""
        size = self._part.stat().st_size
        self._part.replace(self._path)
        return Artifact(name=self._name, type=media_type_of(self._name), bytes=size)

    def __exit__(self, *_: object) -> None:
        # Remove the partial file: on a full disk, recording the job's end needs the space.
        with suppress(OSError):
            self._part.unlink(missing_ok=True)


def media_type_of(name: str) -> str:
    """A file's media type, by its name; `notes.txt.gz` is no text until it is unpacked."""
    media_type, packed = mimetypes.guess_type(name)
    return UNKNOWN_TYPE if packed or not media_type else media_type


def forget_artifacts(settings: Settings, job_id: str) -> None:
    """Remove every file of a job, if it has any."""
    shutil.rmtree(_folder_of(settings, job_id)[0], ignore_errors=True)


def image_type(first_bytes: bytes) -> str | None:
    """The media type of an image that may be uploaded, judged by its first bytes, or None."""
    for media_type, signatures in SIGNATURES.items():
        if first_bytes.startswith(signatures):
            if media_type == "image/webp" and first_bytes[8:12] != b"WEBP":
                return None
            return media_type
    return None


def keep_upload(settings: Settings, name: str, content: bytes) -> None:
    """Keep an uploaded file under the name by which its job finds it. Raises StoreUnavailable."""
    path = _upload_path(settings, name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise StoreUnavailable(f"The upload cannot be kept: {error}.") from error


def forget_upload(settings: Settings, name: str) -> None:
    """Remove an upload that no job needs; it need not exist."""
    _upload_path(settings, name).unlink(missing_ok=True)


def upload_path(name: str) -> Path:
    """The path of an upload. Raises ValueError for a name that no upload can have."""
    return _upload_path(load_settings(), name)


def _upload_path(settings: Settings, name: str) -> Path:
    if not PLAIN.fullmatch(name):
        raise ValueError(f"{name!r} is no upload")
    return settings.data_dir / "uploads" / name


def within(folder: Path, name: str, *, folds_case: bool) -> Path:
    """The path, in a folder that need not exist, for any name at all.

    With `folds_case`, the disk does not tell capitals from small letters.
    """
    plain = PLAIN.fullmatch(name)
    if plain and (not folds_case or name == name.lower() or _is_listed(folder, name)):
        return folder / name
    shown = _NOT_SHOWN.sub("", name.lower())[:SHOWN_CHARACTERS].lstrip("._-")
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return folder / f"{shown}~{digest}"


def folds_case(folder: Path) -> bool:
    """True where the disk of this folder, if it exists, ignores case in names."""
    return folder.with_name(folder.name.swapcase()).exists()


def _is_listed(folder: Path, name: str) -> bool:
    # Written by an earlier version; on this disk a look by name would find another's file.
    try:
        return name in os.listdir(folder)  # noqa: PTH208  # there may be a hundred thousand names
    except OSError:
        return False


def check_name(name: object) -> str:
    """Return a file name as it is. Raises ValueError for one that could do harm."""
    if (
        isinstance(name, str)
        and 0 < len(name) <= NAME_CHARACTERS
        and not name.startswith(".")
        and name == name.strip()
        and not any(
            each in "/\\" or each in _REVERSING or unicodedata.category(each) in _NOT_IN_A_NAME
            for each in name
        )
    ):
        return name
    raise ValueError(
        f"{name!r} is no plain file name, which has 1 to {NAME_CHARACTERS} characters, no slash, "
        "backslash or control character, no dot at its start and no blank at its ends"
    )
