"""The machinery: the modules that run a job, as against the author's own."""

from __future__ import annotations

# An author's package may be called almost like one of these, so names are compared whole.
PACKAGES = frozenset({"headway", "rq", "asyncio"})


def is_machinery(module: str) -> bool:
    """True for a module, or a logger named after one, that is not the author's."""
    return module.partition(".")[0] in PACKAGES
