"""The web process where somebody else listens already."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from headway.errors import BadSetting
from headway.settings import read_settings
from quart_app.server.listening import check_address
from tests.support.app_server import Server
from tests.support.system import ROOT

SECONDS = 60


def test_a_busy_port_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        started = subprocess.run(
            [sys.executable, "-m", "quart_app"],
            cwd=ROOT,
            env=os.environ | {"PORT": str(port), "DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    assert started.returncode == 1
    assert started.stderr.strip() == (
        f"PORT={port}: another program listens at 127.0.0.1:{port}. "
        f"Choose another: `PORT={port + 1} honcho start`, or PORT={port + 1} in `.env`"
    )
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_not_this_machines_stops_the_start_with_a_sentence() -> None:
    settings = read_settings(env_file=None, host="192.0.2.1", headway_open=True)

    with pytest.raises(BadSetting, match=r"nobody can listen at 192\.0\.2\.1:5000"):
        check_address(settings)


async def test_another_headway_at_the_port_is_told_as_one(server: Server) -> None:
    with pytest.raises(BadSetting, match="another Headway listens at"):
        await asyncio.to_thread(check_address, server.settings)


async def test_airplay_at_the_port_is_told_as_such() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 403 Forbidden\r\nServer: AirTunes/760.20.1\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as receiver:
        port = receiver.sockets[0].getsockname()[1]
        settings = read_settings(env_file=None, port=port)

        with pytest.raises(BadSetting, match=r"AirPlay .* listens at"):
            await asyncio.to_thread(check_address, settings)
