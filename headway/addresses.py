"""Addresses of Redis and of the database: validated, and shown without their secrets."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

REDIS_SCHEMES = ("redis://", "rediss://", "unix://")
SQLITE, POSTGRESQL = "sqlite:///", "postgresql://"

# Parameters of a query that are secret.
_SECRET = re.compile(r"([?&][^=&]*(?:pass|secret|token)[^=&]*=)[^&]*", re.IGNORECASE)
# Other spellings of PostgreSQL's scheme: Heroku's, and SQLAlchemy's with a driver.
_POSTGRESQL = re.compile(r"postgres(?:ql)?(?:\+\w+)?://", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")


def without_password(address: str) -> str:
    """The address without its user and password, to be logged or shown."""
    scheme, separator, rest = _SECRET.sub(r"\1***", address).partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def redis_address(value: str) -> str:
    """Validate the address of a Redis. Raises ValueError saying what is wrong with it."""
    if not value.startswith(REDIS_SCHEMES):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    if value.startswith("unix://"):
        return value
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError(
            "cannot be read: its port must be a number up to 65535, and in a password / is written"
            " as %2F, @ as %40 and # as %23"
        ) from None
    database_of(value)
    return value


def database_of(redis_url: str) -> int:
    """The number of the database in a Redis address. Raises ValueError if it is not one."""
    parts = urlsplit(redis_url)
    asked = parse_qs(parts.query).get("db", [""])[0]
    if not asked and parts.scheme != "unix":
        asked = unquote(parts.path).strip("/")
    if not asked.isdecimal() and asked:
        raise ValueError("must end with the number of a database, as in redis://127.0.0.1:6379/1")
    return int(asked or 0)


def database_address(value: str) -> str:
    """Validate a store's address; returns it as `postgresql://…`, `sqlite:///…` or empty.

    Raises ValueError saying what is wrong with it.
    """
    if _POSTGRESQL.match(value):
        return _POSTGRESQL.sub(POSTGRESQL, value, count=1)
    if not value:
        return value
    if not value.startswith(SQLITE):
        raise ValueError(
            f"must begin with {SQLITE} (then the path: {SQLITE}data/headway.db is in this folder,"
            f" {SQLITE}/srv/headway.db is not) or with {POSTGRESQL}"
        )
    path = value.removeprefix(SQLITE)
    if path in ("", ":memory:"):
        raise ValueError("must name a file: web and workers are several processes that share it")
    if "?" in path or "#" in path:
        raise ValueError("must be only the path of a file, with no ?options and no #part")
    if _ESCAPE.search(path):
        raise ValueError("must have the path unescaped: a space is a space, not %20")
    return value


def address_of(connection: Any) -> str:
    """The address of the Redis that a client of redis-py speaks to."""
    pool = connection.connection_pool
    options: dict[str, Any] = pool.connection_kwargs
    named = {name: value for name, value in options.items() if name.startswith("ssl_") and value}
    query = urlencode({name: value for name, value in named.items() if isinstance(value, str)})
    secret = quote(str(options.get("password") or ""), safe="")
    user = quote(str(options.get("username") or ""), safe="")
    whose = f"{user}:{secret}@" if user or secret else ""
    database = options.get("db") or 0
    if path := options.get("path"):
        return f"unix://{whose}{path}?db={database}"
    scheme = "rediss" if "SSL" in pool.connection_class.__name__ else "redis"
    host, port = options.get("host", "127.0.0.1"), options.get("port", 6379)
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{whose}{host}:{port}/{database}{f'?{query}' if query else ''}"
