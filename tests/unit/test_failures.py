"""How an exception is kept."""

from __future__ import annotations

import pytest

from jobs.errors import StoreUnavailable
from jobs.failures import failure_of
from jobs.settings import Settings
from jobs.store import Writer


def test_a_missing_key_is_told_in_more_than_its_name() -> None:
    assert failure_of(KeyError("colour")).message == "KeyError: 'colour'"


def test_an_exception_without_words_is_told_by_its_name() -> None:
    assert failure_of(ZeroDivisionError()).message == "ZeroDivisionError"
    assert failure_of(ValueError("no luck")).message == "no luck"


def test_an_exception_that_is_its_own_cause_is_told() -> None:
    error = ValueError("no luck")
    error.__cause__ = error  # as `raise error from error` makes it

    assert failure_of(error).message == "no luck"


@pytest.mark.parametrize("worded", [False, True])
def test_a_store_that_is_away_is_told_without_its_address(settings: Settings, worded: bool) -> None:
    away = settings.model_copy(update={"database_url": "postgresql://me@127.0.0.1:1/headway"})

    with Writer(away) as store, pytest.raises((StoreUnavailable, ValueError)) as raised:
        try:
            store.read_epoch()
        except StoreUnavailable as error:
            if not worded:
                raise
            raise ValueError(f"No luck: {error}") from error
    told = failure_of(raised.value)

    assert "127.0.0.1" not in f"{told.message} {told.traceback}"
