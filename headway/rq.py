"""For `rq worker -c headway.rq`: RQ imports the module that `-c` names, which records."""

from __future__ import annotations

from headway.recording import record

record()
