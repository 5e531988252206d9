"""How an exception is kept."""

from __future__ import annotations

from jobs.failures import failure_of


def test_a_missing_key_is_told_in_more_than_its_name() -> None:
    assert failure_of(KeyError("colour")).message == "KeyError: 'colour'"


def test_an_exception_without_words_is_told_by_its_name() -> None:
    assert failure_of(ZeroDivisionError()).message == "ZeroDivisionError"
    assert failure_of(ValueError("no luck")).message == "no luck"
