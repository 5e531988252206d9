"""What every test may ask for: settings on a folder of its own, and nothing of this machine's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from headway.kinds.registry import load_kinds
from headway.settings import Settings, load_settings, read_settings
from headway.store import ensure_schema
from tests.support.by_hand import Hand
from tests.support.databases import POSTGRESQL, SQLITE
from tests.support.postgres import Postgres

pytest_plugins = (
    "tests.support.chaos_options",
    "tests.support.fuzz_options",
    "tests.support.sharing_out",
)

# The same examples each time, and no clock: a slow machine is no fault of the code.
hypothesis_settings.register_profile("headway", deadline=None, derandomize=True, database=None)
hypothesis_settings.load_profile("headway")

# Nobody listens here: port 1 is reserved.
NO_REDIS = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings of whoever runs the tests are not the tests'."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def _kinds() -> None:
    load_kinds(("tests.support.toy_jobs",))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings on a folder of the test's own; no Redis."""
    return read_settings(env_file=None, data_dir=tmp_path, redis_url=NO_REDIS)


@pytest.fixture(scope="session")
def _empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store's file as the migrations make it; copied, for making it costs 0.1 s."""
    made = read_settings(env_file=None, data_dir=tmp_path_factory.mktemp("store"))
    ensure_schema(made)
    return made.database_path


@pytest.fixture(scope="session")
def shared_postgres() -> Iterator[Postgres]:
    """One server for all tests that want one; ask for `store`, with `ON_BOTH`."""
    server = Postgres()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """Which database holds the store; `tests.support.databases` has the marks to choose."""
    return str(getattr(request, "param", SQLITE))


@pytest.fixture
def store(
    request: pytest.FixtureRequest, settings: Settings, database: str, _empty_store: Path
) -> Iterator[Settings]:
    """The same settings, with an empty store at the place they name."""
    if database == POSTGRESQL:
        server: Postgres = request.getfixturevalue("shared_postgres")
        with server.emptied() as url:
            yield settings.model_copy(update={"database_url": url})
    else:
        shutil.copyfile(_empty_store, settings.database_path)
        yield settings


@pytest.fixture
def hand(store: Settings) -> Iterator[Hand]:
    """A hand that writes and publishes like a worker."""
    with Hand(store) as made:
        yield made
