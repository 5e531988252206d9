"""What an application's client of Redis is spared, and when it is left as it is."""

from __future__ import annotations

from typing import Any

import pytest
import redis

from headway.broker.connection import spare_lookups

pytestmark = pytest.mark.skipif(not hasattr(redis, "DriverInfo"), reason="redis-py before 7.1")
URL = "redis://127.0.0.1:1/0"


class Own(redis.Connection):
    """An application's own class of connections."""


def test_the_version_of_redis_py_is_looked_up_once() -> None:
    client = redis.Redis.from_url(URL)

    spare_lookups(client)

    pool = client.connection_pool
    made: Any = pool.make_connection(), pool.make_connection()
    assert made[0].driver_info is made[1].driver_info
    assert made[0].driver_info == redis.DriverInfo()


@pytest.mark.parametrize(
    "options", [{"driver_info": None}, {"connection_class": Own}], ids=["said", "class"]
)
def test_what_the_application_has_chosen_stays(options: dict[str, Any]) -> None:
    client = redis.Redis.from_url(URL, **options)
    before = dict(client.connection_pool.connection_kwargs)

    spare_lookups(client)

    assert client.connection_pool.connection_kwargs == before
