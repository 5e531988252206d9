"""A trouble that comes again at every try is logged once, and the next duty has its turn."""

from __future__ import annotations

import itertools
import logging
import time

import pytest
import redis

from headway.broker.redis_troubles import CircuitBreaker, TroubleLog
from headway.errors import StoreUnavailable

URL = "redis://127.0.0.1:6379/0"


def test_a_trouble_is_logged_once_until_the_duty_is_done_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    troubles = TroubleLog(URL)

    for fails in (True, True, False, False, True):
        with troubles.log_and_continue("purging"):
            if fails:
                raise RuntimeError("no luck")

    said = [record.message.splitlines()[0] for record in caplog.records]
    assert said == ["purging: RuntimeError: no luck", "purging: goes on", said[0]]


def test_of_one_job_only_the_first_trouble_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    troubles, tries = TroubleLog(URL), itertools.count()

    for job in ("a", "b", "a", "b"):
        with troubles.log_and_continue(f"job {job}", one_of_many=True):
            raise RuntimeError(f"in try {next(tries)}")

    assert [record.message.splitlines()[0] for record in caplog.records] == [
        "job a: RuntimeError: in try 0",
        "job b: RuntimeError: in try 1",
    ]


@pytest.mark.parametrize(
    "error", [StoreUnavailable(), redis.ConnectionError("away"), redis.OutOfMemoryError("full")]
)
def test_what_is_no_trouble_of_one_job_alone_is_raised(error: Exception) -> None:
    with pytest.raises(type(error)), TroubleLog(URL).log_and_continue("job a", one_of_many=True):
        raise error


def test_a_redis_that_failed_is_left_alone_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    breaker = CircuitBreaker("publishing", URL)

    assert breaker.open_until == 0
    for _ in range(2):
        breaker.failed(redis.ConnectionError("away"))

    assert breaker.open_until > time.monotonic()
    assert [record.message.partition(":")[0] for record in caplog.records] == ["publishing"]
    breaker.succeeded()
    assert breaker.open_until == 0
