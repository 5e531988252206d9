"""What integration tests get besides: a real Valkey, empty."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from headway.broker.changes import Publisher
from headway.broker.connection import connected
from headway.maintenance.reconciler import Reconciler
from headway.progress import Report
from headway.settings import Settings, read_settings
from headway.store import Reader, Writer
from headway.workhorse.reporter import Reporter
from tests.support.app_server import Server, serving
from tests.support.by_hand import Hand
from tests.support.valkey import Valkey

# A job's report waits this long, in milliseconds, for another process' write.
BUSY_MILLISECONDS = 20


@pytest.fixture(scope="session")
def shared_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """One server for all tests; ask for `valkey`."""
    server = Valkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey(shared_valkey: Valkey) -> Iterator[Valkey]:
    """The server, empty; a test that stopped it leaves it running again."""
    with connected(shared_valkey.url) as redis:
        assert redis.dbsize() == 0, "this Redis is somebody's: tests would wipe it"
    yield shared_valkey
    shared_valkey.thaw()
    if not shared_valkey.answers():
        shared_valkey.stop()
        shared_valkey.start()
    with connected(shared_valkey.url) as redis:
        redis.flushall()


@pytest.fixture
def settings(tmp_path: Path, valkey: Valkey) -> Settings:
    """Settings on a folder of the test's own, with the real Valkey."""
    return read_settings(env_file=None, data_dir=tmp_path, redis_url=valkey.url)


@pytest_asyncio.fixture
async def server(store: Settings) -> AsyncIterator[Server]:
    """The web process, live, with an empty store; no worker."""
    async with serving(store) as running:
        yield running


@pytest_asyncio.fixture
async def reader(store: Settings) -> AsyncIterator[Reader]:
    """An open reader of the test's store."""
    opened = Reader(store)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def reconciler(store: Settings) -> Iterator[Reconciler]:
    """A reconciler that does a round when it is told to."""
    with Reconciler(store) as made:
        yield made


@pytest.fixture
def report() -> Report:
    """What the author's function calls."""
    return Report()


@pytest.fixture
def reporter(store: Settings, hand: Hand, report: Report) -> Iterator[Reporter]:
    """The reporter of a job that has begun."""
    record = hand.start(hand.create())
    with (
        Publisher(store.redis_url) as publisher,
        Writer(store, busy_milliseconds=BUSY_MILLISECONDS, on_commit=publisher.publish) as writer,
    ):
        made = Reporter(store, writer, record, report, heartbeat=lambda: None)
        made.begin()
        yield made
        made.end()
