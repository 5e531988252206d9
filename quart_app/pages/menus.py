"""What the list can be narrowed to: what is registered, what jobs have, and what is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headway.kinds.kind import Kind

# Names that a menu offers besides those of our own kinds; the search finds the others too.
OFFERED = 100


def kinds_offered(
    known: Iterable[Kind], stored: Sequence[str], chosen: str | None
) -> list[tuple[str, str]]:
    """(name, what people call it) of each kind: our own ones first, as they were registered."""
    labels = {kind.name: kind.label for kind in known}
    others = sorted(_others(labels, stored, chosen))
    return [*labels.items(), *((name, name) for name in others)]


def queues_offered(known: Iterable[Kind], stored: Sequence[str], chosen: str | None) -> list[str]:
    """The name of each queue."""
    of_ours = {kind.queue for kind in known}
    return sorted(of_ours | _others(of_ours, stored, chosen))


def _others(known: Iterable[str], stored: Sequence[str], chosen: str | None) -> set[str]:
    found = [name for name in stored if name not in set(known)][:OFFERED]
    return {*found, *([chosen] if chosen and chosen not in set(known) else [])}
