"""How the processes of Headway log: one line each, to standard error."""

from __future__ import annotations

import logging

from jobs.terminal import forgive_terminal


def configure() -> None:
    """Log from INFO on; RQ only its warnings, for its every step would bury ours."""
    forgive_terminal()
    logging.basicConfig(level=logging.INFO, format="%(levelname)-7s %(name)s: %(message)s")
    logging.getLogger("rq").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
