"""How much a request may bring, and an answer: little, but for the routes that are for much."""

from __future__ import annotations

from collections.abc import Collection

from headway.settings import Settings

# JSON and forms: a job's parameters are text.
BODY_BYTES = 512 * 1024
# A multipart body is its file and this much around it.
AROUND_UPLOAD_BYTES = 64 * 1024
MULTIPART = "multipart/form-data"
# Files of a job: linked in its record, on its page; of one answer when nothing is said, and at
# most; and the largest number of one that is looked for.
LINKED_ARTIFACTS = 100
PAGE_ARTIFACTS = 50
ARTIFACT_ROWS = 100
MOST_ARTIFACT_ROWS = 1_000
MOST_ARTIFACTS = 10**9
MEGABYTE = 1024 * 1024
WITHOUT_BODY = frozenset({"GET", "HEAD"})


def megabytes(count: int) -> str:
    """A number of bytes as people say it."""
    return f"{round(count / MEGABYTE, 3):g} MB"


def body_limit(method: str, path: str, settings: Settings, uploads: Collection[str]) -> int:
    """The longest body that a route takes, in bytes; a file comes to one of `uploads`."""
    if method in WITHOUT_BODY:
        return 0
    if path in uploads:
        return settings.upload_limit_bytes + AROUND_UPLOAD_BYTES
    return BODY_BYTES
