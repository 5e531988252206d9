"""The extras: what a command needs beyond the base installation."""

from __future__ import annotations

from importlib.util import find_spec

from headway.errors import MissingExtra


def require(extra: str, *modules: str) -> None:
    """Check that the modules which an extra brings are there.

    Raises MissingExtra naming the first that is not, and the extra.
    """
    missing = next((module for module in modules if find_spec(module) is None), None)
    if missing is not None:
        raise MissingExtra(f"{missing} is missing. Install it with pip install 'headway[{extra}]'.")
