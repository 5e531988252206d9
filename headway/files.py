"""The files of jobs: what they left (artifacts) and what they were given (uploads)."""

from __future__ import annotations

import mimetypes
import shutil
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Self

from headway.errors import StoreUnavailable
from headway.file_names import PLAIN, check_name, folds_case, within
from headway.model.record import Artifact, new_id
from headway.settings import Settings, load_settings

UNKNOWN_TYPE = "application/octet-stream"
# Pictures that a browser may show; an SVG can hold scripts.
PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})

# What an image begins with; a file is what its first bytes say, whatever its name.
SIGNATURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/webp": (b"RIFF",),
}
SIGNATURE_BYTES = 16


def artifact_path(settings: Settings, job_id: str, name: str, attempt: int = 1) -> Path:
    """Where the artifact of a job's attempt lies, or would lie.

    Raises ValueError for a name that no artifact can have.
    """
    check_name(name)
    folder, folds = _folder_of(settings, job_id)
    own = folder if attempt == 1 else folder / f"~{attempt}"
    path = within(own, name, folds_case=folds)
    if attempt > 1 and not path.exists():
        # The version before kept the files of all attempts together.
        before = within(folder, name, folds_case=folds)
        return before if before.exists() else path
    return path


def _folder_of(settings: Settings, job_id: str) -> tuple[Path, bool]:
    root = settings.data_dir / "artifacts"
    folds = folds_case(root)
    return within(root, job_id, folds_case=folds), folds


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


class ArtifactPart:
    """An artifact on its way: written beside its place for the length of a `with`.

    Under a name of its own, for two may write the same artifact at once: who puts last, wins.
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
        """Put it in its place, over what is there."""
        size = self._part.stat().st_size
        self._part.replace(self._path)
        return Artifact(name=self._name, type=media_type_of(self._name), bytes=size)

    def __exit__(self, *_: object) -> None:
        # On a disk that is full now, the job's end needs the room that half a file takes.
        with suppress(OSError):
            self._part.unlink(missing_ok=True)


def media_type_of(name: str) -> str:
    """What a file holds, by its name; `notes.txt.gz` is no text until it is unpacked."""
    media_type, packed = mimetypes.guess_type(name)
    return UNKNOWN_TYPE if packed or not media_type else media_type


def forget_artifacts(settings: Settings, job_id: str) -> None:
    """Remove every file of a job; a job without files is fine."""
    shutil.rmtree(_folder_of(settings, job_id)[0], ignore_errors=True)


def image_type(first_bytes: bytes) -> str | None:
    """The media type of an image that may be uploaded, told from its first bytes, or None."""
    for media_type, signatures in SIGNATURES.items():
        if first_bytes.startswith(signatures):
            if media_type == "image/webp" and first_bytes[8:12] != b"WEBP":
                return None
            return media_type
    return None


def keep_upload(settings: Settings, name: str, content: bytes) -> None:
    """Keep an uploaded file under the name by which a job finds it. Raises StoreUnavailable."""
    path = _upload_path(settings, name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise StoreUnavailable(f"The upload cannot be kept: {error}.") from error


def forget_upload(settings: Settings, name: str) -> None:
    """Remove an upload that no job needs; one that is not there is fine."""
    _upload_path(settings, name).unlink(missing_ok=True)


def upload_path(name: str) -> Path:
    """Where an uploaded file lies. Raises ValueError for a name that is none of ours."""
    return _upload_path(load_settings(), name)


def _upload_path(settings: Settings, name: str) -> Path:
    if not PLAIN.fullmatch(name):
        raise ValueError(f"{name!r} is no upload")
    return settings.data_dir / "uploads" / name
