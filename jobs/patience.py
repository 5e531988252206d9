"""Patience with a store that is away while a job begins or ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from jobs.errors import StoreUnavailable

# How long, in seconds over all tries, a start or an end waits: work that is done is not given up
# before somebody had the time to make room on a full disk.
LONGEST_SECONDS = 3_600
# Seconds between two tries.
RETRY_SECONDS = 0.5

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


def patiently(act: Callable[[], Answer]) -> Answer:
    """Do what needs the store as soon as it is there. Raises StoreUnavailable in the end."""
    give_up = time.monotonic() + LONGEST_SECONDS
    while True:
        try:
            return act()
        except StoreUnavailable as error:
            if time.monotonic() >= give_up:
                raise
            log.warning("the store cannot be used yet: %s", error)
            time.sleep(RETRY_SECONDS)
