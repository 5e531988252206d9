"""The files of jobs: what they left (artifacts) and what they were given (uploads)."""

from __future__ import annotations

import mimetypes
import re
import shutil
from contextlib import suppress
from os import PathLike
from pathlib import Path

from jobs.errors import StoreUnavailable
from jobs.records import Artifact, new_id
from jobs.settings import Settings, load_settings

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
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


def artifact_path(settings: Settings, job_id: str, name: str) -> Path:
    """Where a job's artifact lies. Raises ValueError for names that could lead elsewhere."""
    for part in (job_id, name):
        if not NAME.fullmatch(part):
            raise ValueError(f"{part!r} is no plain file name")
    return settings.data_dir / "artifacts" / job_id / name


def keep_artifact(
    settings: Settings, job_id: str, name: str, content: bytes | str | PathLike[str]
) -> Artifact:
    """Write bytes, or copy the file at a path, as an artifact; whole or not at all."""
    path = artifact_path(settings, job_id, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{name}.part")
    try:
        if isinstance(content, bytes):
            part.write_bytes(content)
        else:
            shutil.copyfile(content, part)
        part.replace(path)
    except BaseException:
        # On a disk that is full now, the job's end needs the room that half a file takes.
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    return Artifact(name=name, type=media_type_of(name), bytes=path.stat().st_size)


def media_type_of(name: str) -> str:
    """What a file holds, by its name; `notes.txt.gz` is no text until it is unpacked."""
    media_type, packed = mimetypes.guess_type(name)
    return UNKNOWN_TYPE if packed or not media_type else media_type


def forget_artifacts(settings: Settings, job_id: str) -> None:
    """Remove every file of a job; a job without files is fine."""
    with suppress(ValueError):  # an id of another program's that no folder could be named after
        shutil.rmtree(artifact_path(settings, job_id, "x").parent, ignore_errors=True)


def image_type(first_bytes: bytes) -> str | None:
    """The media type of an image that may be uploaded, told from its first bytes, or None."""
    for media_type, signatures in SIGNATURES.items():
        if first_bytes.startswith(signatures):
            if media_type == "image/webp" and first_bytes[8:12] != b"WEBP":
                return None
            return media_type
    return None


def keep_upload(settings: Settings, content: bytes) -> str:
    """Keep an uploaded file; returns the name under which a job finds it."""
    name = new_id()
    path = _upload_path(settings, name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise StoreUnavailable(f"The upload cannot be kept: {error}.") from error
    return name


def forget_upload(settings: Settings, name: str) -> None:
    """Remove an upload that no job needs; one that is not there is fine."""
    _upload_path(settings, name).unlink(missing_ok=True)


def upload_path(name: str) -> Path:
    """Where an uploaded file lies. Raises ValueError for a name that is none of ours."""
    return _upload_path(load_settings(), name)


def _upload_path(settings: Settings, name: str) -> Path:
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no upload")
    return settings.data_dir / "uploads" / name
