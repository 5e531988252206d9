"""Resource limits that a job set for itself, lifted when it is over: to record its end."""

from __future__ import annotations

from contextlib import suppress

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]  # checked below

# What recording an end needs: memory, room in a file, descriptors.
NAMES = ("RLIMIT_AS", "RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_NOFILE")


def _current() -> dict[int, tuple[int, int]]:
    if resource is None:
        return {}
    numbers = [getattr(resource, name) for name in NAMES if hasattr(resource, name)]
    return {number: resource.getrlimit(number) for number in numbers}


# The worker imports this before it forks.
_OF_THE_WORKER = _current()


def restore() -> bool:
    """Lift the limits that a job has set for itself; False where one of them stays lower."""
    limits = _current()
    if limits == _OF_THE_WORKER:
        return True
    for number, (soft, hard) in limits.items():
        first, first_hard = _OF_THE_WORKER[number]
        if soft == first:
            continue
        for wanted in ((first, first_hard), (first, hard), (hard, hard)):
            with suppress(ValueError, OSError):
                resource.setrlimit(number, wanted)
                break
    return not any(
        _is_lower(soft, _OF_THE_WORKER[number][0]) for number, (soft, _) in _current().items()
    )


def _is_lower(limit: int, than: int) -> bool:
    # The number that stands for "no limit" is below all others.
    if limit == resource.RLIM_INFINITY:
        return False
    return than == resource.RLIM_INFINITY or limit < than
