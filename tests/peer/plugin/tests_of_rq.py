"""A plugin for RQ's own tests: it puts Headway into RQ's workers, by the door that is asked for."""

from __future__ import annotations

import os

import rq
import rq.worker
from rq.worker import worker_classes

import headway

DOOR = os.environ.get("HEADWAY_DOOR", "")

if DOOR == "record":
    headway.record()
elif DOOR == "worker":
    for module in (rq, rq.worker, worker_classes):
        for name in ("Worker", "SimpleWorker"):
            setattr(module, name, getattr(headway, name))
