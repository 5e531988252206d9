"""Descriptors: how many this process may have open, and how many are left for connections.

A new one has the lowest free number (POSIX), so a connection's own number says how many are open,
whatever they are: idle connections, streams, files, the database and Redis.
"""

from __future__ import annotations

import logging
import resource
from contextlib import suppress

from headway.settings import Settings

# The most we ask the system for.
WANTED = 65_536
# Kept for files, the database and Redis, and for requests beside streams; of few, a quarter each.
KEPT = 64
BESIDE = 64

log = logging.getLogger(__name__)


def raise_limit() -> None:
    """Raise the soft limit to the hard one, up to `WANTED`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):  # macOS gives less than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            log.debug("%d descriptors in place of %d", most, soft)


def connections_end() -> int:
    """The first descriptor number that no connection may have."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = WANTED if soft == resource.RLIM_INFINITY else soft
    return limit - min(KEPT, limit // 4)


def within_descriptors(settings: Settings) -> Settings:
    """The settings with no more streams than there are descriptors for; logs when that is fewer."""
    end = connections_end()
    most = max(1, end - min(BESIDE, end // 4))
    if settings.stream_limit <= most:
        return settings
    log.warning(
        "STREAM_LIMIT=%d: the system gives this process descriptors for %d streams (ulimit -n)",
        settings.stream_limit,
        most,
    )
    return settings.model_copy(update={"stream_limit": most})
