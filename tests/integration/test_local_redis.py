"""The bundled Redis comes up wherever and for whomever `REDIS_URL` says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import redis

from headway.broker.connection import connected
from headway.local_redis import server_command
from headway.settings import read_settings
from tests.support.valkey import free_port
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]


@contextmanager
def served(folder: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"REDIS_URL": url, "DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "headway.local_redis"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize(
    "address",
    [
        "redis://:p%40ss%2Fw%23rd@127.0.0.1:{port}/0",
        "redis://ada:p%40ss%2Fword@127.0.0.1:{port}/0",
        "redis://localhost:{port}/99",
        "redis://:{port}/0?db=17",
        "redis://[::1]:{port}/0",
    ],
)
def test_the_bundled_redis_serves_the_address(tmp_path: Path, address: str) -> None:
    url = address.format(port=free_port())

    def writes() -> bool:
        try:
            with connected(url) as connection:
                return bool(connection.set("a", "b"))
        except redis.ConnectionError:
            return False

    with served(tmp_path, url) as process:
        eventually(writes)
        with connected(url.replace("p%40ss", "wrong")) as other:
            if "p%40ss" in url:
                with pytest.raises(redis.AuthenticationError):
                    other.ping()
        arguments = " ".join(psutil.Process(process.pid).cmdline())
    assert "valkey" in arguments
    assert "ss/w" not in arguments


@pytest.mark.parametrize(
    "address",
    ["redis://10.0.0.1:6379/0", "rediss://127.0.0.1:6379/0", "unix:///tmp/nobody.sock"],
)
def test_an_address_it_cannot_serve_ends_it_with_what_to_do(tmp_path: Path, address: str) -> None:
    settings = read_settings(env_file=None, data_dir=tmp_path, redis_url=address)

    with pytest.raises(SystemExit, match=r"start yours, or unset REDIS_URL"):
        server_command(settings)
