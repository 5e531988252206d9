"""Patience with a store that is away while a job begins or ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from headway.errors import StoreLost, StoreUnavailable

# How long, in seconds over all tries, a start or an end waits: work that is done is not given up
# before somebody had the time to make room on a full disk.
LONGEST_SECONDS = 3_600
# Seconds between two tries.
RETRY_SECONDS = 0.5

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


def patiently(act: Callable[[], Answer], *, seconds: float = LONGEST_SECONDS) -> Answer:
    """Do what needs the store as soon as it is there.

    Raises StoreUnavailable after that many seconds, StoreLost at once: waiting does not help.
    """
    give_up = time.monotonic() + seconds
    while True:
        try:
            return act()
        except StoreLost:
            raise
        except StoreUnavailable as error:
            if time.monotonic() >= give_up:
                raise
            log.warning("the store cannot be used yet: %s", error)
            time.sleep(RETRY_SECONDS)
