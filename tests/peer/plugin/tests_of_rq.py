"""A plugin for RQ's own tests: it puts Headway into RQ's workers, by the door that is asked for."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import rq
import rq.worker
from rq.worker import worker_classes

import headway

if TYPE_CHECKING:
    import pytest

DOOR = os.environ.get("HEADWAY_DOOR", "")

if DOOR == "record":
    headway.record()
elif DOOR == "worker":
    for module in (rq, rq.worker, worker_classes):
        for name in ("Worker", "SimpleWorker"):
            setattr(module, name, getattr(headway, name))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave; a test that failed may have left a process for which Python would wait."""
    sys.stdout.flush()
    os._exit(0)
