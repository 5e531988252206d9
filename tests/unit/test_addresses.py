"""Addresses of Redis and of the store: which are taken, and that none shows its password."""

from __future__ import annotations

import pytest
import redis

from headway.addresses import address_of, database_of, without_password
from headway.errors import BadSetting
from headway.settings import read_settings


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("redis://:secret@host/0", "redis://host/0"),
        ("redis://ada:secret@host/0", "redis://host/0"),
        ("redis://:secr@et@host/0", "redis://host/0"),
        ("redis://:secr?et@host/0", "redis://host/0"),
        ("redis://host/0?password=secret", "redis://host/0?password=***"),
        ("redis://host/0?password=se@cret&db=1", "redis://host/0?password=***&db=1"),
        (
            "postgresql://db/x?user=me&sslpassword=secret",
            "postgresql://db/x?user=me&sslpassword=***",
        ),
        ("unix://:secret@/run/redis.sock?db=1", "unix:///run/redis.sock?db=1"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert without_password(address) == shown


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://me:secret@db/headway", "postgresql://me:secret@db/headway"),
        ("postgresql+psycopg://db/headway", "postgresql://db/headway"),
        ("postgresql+asyncpg://db/headway", "postgresql://db/headway"),
        ("postgresql://db/headway?sslmode=require", "postgresql://db/headway?sslmode=require"),
        ("sqlite:///data/head way.db", "sqlite:///data/head way.db"),
        ("", ""),
    ],
)
def test_a_stores_address_is_taken_in_the_spellings_that_people_have(given: str, used: str) -> None:
    assert read_settings(env_file=None, database_url=given).database_url == used


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("sqlite:///h.db?mode=ro", "no ?options"),
        ("sqlite:///h.db#x", "no ?options"),
        ("sqlite://h.db", "sqlite:///data/headway.db is in this folder"),
        ("sqlite:h.db", "must begin with sqlite:///"),
        ("sqlite:///", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("sqlite:////srv/my%20data/h.db", "a space is a space"),
        ("mysql://me:secret@db/x", "must begin with"),
    ],
)
def test_a_stores_address_that_would_be_misread_is_refused(given: str, said: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read_settings(env_file=None, database_url=given)

    assert said in str(refused.value)
    assert "secret" not in str(refused.value).partition("Example")[0]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("redis://127.0.0.1:port/0", "its port must be a number"),
        ("redis://:p/ss@127.0.0.1:6379/0", "its port must be a number"),
        ("redis://127.0.0.1:6379/first", "the number of a database"),
        ("redis://127.0.0.1:6379?db=x", "the number of a database"),
        ("rdis://:secret@127.0.0.1", "must begin with redis://"),
    ],
)
def test_a_redis_address_that_would_be_misread_is_refused(given: str, said: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read_settings(env_file=None, redis_url=given)

    assert said in str(refused.value)
    assert "secret" not in str(refused.value).partition("Example")[0]


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("redis://127.0.0.1", 0),
        ("redis://127.0.0.1/7", 7),
        ("redis://127.0.0.1/7?db=20", 20),
        ("unix:///run/redis.sock?db=3", 3),
    ],
)
def test_the_database_is_the_one_that_the_driver_takes(address: str, number: int) -> None:
    assert database_of(address) == number


@pytest.mark.parametrize(
    "address",
    [
        "redis://127.0.0.1:6379/0",
        "redis://ada:se%2Fcr%40et@redis.example:6380/3",
        "redis://:secret@[::1]:6379/0",
        "rediss://:secret@redis.example:6380/1",
        "unix:///run/redis.sock?db=2",
    ],
)
def test_the_address_of_a_client_leads_to_the_same_redis(address: str) -> None:
    given = redis.Redis.from_url(address)

    found = redis.Redis.from_url(address_of(given))

    names = ("host", "port", "db", "username", "password", "path")
    for name in names:
        theirs, ours = (each.connection_pool.connection_kwargs.get(name) for each in (given, found))
        assert (ours or None) == (theirs or None), name
    assert found.connection_pool.connection_class is given.connection_pool.connection_class
