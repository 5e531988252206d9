"""What applications do with RQ is recorded as RQ has it, and the docs say what was seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.adopted_run import QUEUES, Seen, run, state_of
from tests.support.adoption import ROWS, VERSIONS, table, written
from tests.support.rq_versions import INSTALL_SECONDS
from tests.support.valkey import Valkey

pytestmark = pytest.mark.timeout(2 * INSTALL_SECONDS)


@pytest.fixture(scope="module", params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """A version of RQ."""
    return str(request.param)


@pytest.fixture(scope="module")
def seen(version: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """All that an application does, once done in each sort of worker."""
    valkey = Valkey(tmp_path_factory.mktemp("valkey"))
    valkey.start()
    try:
        yield run(version, tmp_path_factory.mktemp("adopted"), valkey)
    finally:
        valkey.stop()


@pytest.mark.parametrize("queue", QUEUES)
def test_rq_and_the_record_say_what_the_table_says(seen: Seen, version: str, queue: str) -> None:
    said = seen.of(queue)

    differing = [
        f"{row.job}: RQ and the record say {said.get(row.job)}; the table: {cells}"
        for row in ROWS
        if said.get(row.job) != (cells := row.expected(version, queue))
    ]
    assert not differing, "\n".join(differing)


def test_a_web_beside_it_has_each_job_in_the_state_that_rq_says(seen: Seen) -> None:
    expected = state_of(seen.rq)

    differing = {key: seen.beside.get(key) for key in expected if seen.beside[key] != expected[key]}

    assert expected
    assert differing == {}


@pytest.mark.parametrize("queue", QUEUES)
def test_a_job_at_the_front_starts_first(seen: Seen, queue: str) -> None:
    front, plain = seen.records[queue, "at_front"], seen.records[queue, "plain"]

    assert front is not None
    assert plain is not None
    assert str(front.started_at) < str(plain.started_at)


def test_the_docs_have_the_table_that_was_seen() -> None:
    assert written() == table(), "write it by `python -m tests.support.adoption`"
