"""How much a request may bring: little, but for the one route that takes a photo."""

from __future__ import annotations

from jobs.settings import Settings

# JSON and forms: a job's parameters are text.
BODY_BYTES = 512 * 1024
# A multipart body is its photo and this much around it.
AROUND_PHOTO_BYTES = 64 * 1024
# Routes that take a photo, in which field, by a form of which type.
PHOTO_ROUTES = frozenset({"/api/characters", "/characters/new"})
PHOTO = "reference_photo"
MULTIPART = "multipart/form-data"
MEGABYTE = 1024 * 1024
WITHOUT_BODY = frozenset({"GET", "HEAD"})


def megabytes(count: int) -> str:
    """A number of bytes as people say it."""
    return f"{round(count / MEGABYTE, 3):g} MB"


def body_limit(method: str, path: str, settings: Settings) -> int:
    """The longest body that a route takes, in bytes."""
    if method in WITHOUT_BODY:
        return 0
    if path in PHOTO_ROUTES:
        return settings.upload_limit_bytes + AROUND_PHOTO_BYTES
    return BODY_BYTES
