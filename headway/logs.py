"""How the processes of Headway log: one line each, to standard error."""

from __future__ import annotations

import logging

from headway.terminal import forgive_terminal


def configure() -> None:
    """Log from INFO on; RQ only its warnings, for its every step would bury ours."""
    forgive_terminal()
    written = logging.StreamHandler()
    written.setFormatter(Plain("%(levelname)-7s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[written])
    logging.getLogger("rq").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)


class Plain(logging.Formatter):
    """What is said to whoever starts us stands alone; a trouble names its level and place."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The line without its traceback."""
        if record.levelno == logging.INFO:
            return record.message
        return super().formatMessage(record)
