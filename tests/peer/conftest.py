"""What tests with other people's clients get: the packages, a live server, and short waits."""

from __future__ import annotations

from functools import partial

import pytest

from quart_app.api import events
from quart_app.live.stream import stream
from tests.integration.conftest import server, settings, shared_valkey, valkey
from tests.support.peer import missing, no_peer

__all__ = ["server", "settings", "shared_valkey", "valkey"]


@pytest.fixture(scope="session")
def packages() -> None:
    """The clients for Node; where they cannot be had, tests are skipped, but not in CI."""
    if reason := missing():
        no_peer(reason)


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that does as it is told comes back soon."""
    hasty = partial(
        stream, heartbeat_seconds=0.3, retry_milliseconds=100, drain_milliseconds=(100, 200)
    )
    monkeypatch.setattr(events, "stream", hasty)
