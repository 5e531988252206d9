"""What is the machinery's and what is the author's."""

from __future__ import annotations

import pytest

from headway.workhorse.machinery import is_machinery


@pytest.mark.parametrize(
    "name", ["headway", "headway.store.schema", "rq", "rq.worker", "asyncio.runners"]
)
def test_the_machinery_is_known(name: str) -> None:
    assert is_machinery(name)


@pytest.mark.parametrize("name", ["", "jobs", "jobs.story", "rqs.worker", "headways.mail"])
def test_what_is_called_alike_is_not_the_machinery(name: str) -> None:
    assert not is_machinery(name)
