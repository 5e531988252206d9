"""The machinery: the modules that run a job, as against the author's own.

An author's files may lie beside ours, and be called almost like them. So names are compared
whole; a test looks that every name here is a module, and that no module is missing.
"""

from __future__ import annotations

# Packages that are nobody's but their makers'.
PACKAGES = frozenset({"rq", "asyncio"})
_HERE = __name__.rpartition(".")[0]
# Those between RQ and the author's function, and those that may log while it runs.
MODULES = frozenset(
    f"{_HERE}.{name}"
    for name in (
        "actions attempt capture changes child claims endings env_file failures fate from_outside "
        "kinds lease limits local_redis lock lost patience reconcile recorded_job recording "
        "remains reporter store.schema submit supervisor taking troubles waiting work worker"
    ).split()
)


def is_machinery(module: str) -> bool:
    """True for a module, or a logger named after one, that is not the author's."""
    return module in MODULES or module.partition(".")[0] in PACKAGES
