"""The port: whether it is free, and if not, who has it and how to choose another."""

from __future__ import annotations

import errno
import http.client
import socket
from contextlib import closing, suppress

from headway.errors import BadSetting
from headway.settings import Settings

LAST_PORT = 65_535
# Whoever has the port may be no HTTP server, and silent; in seconds.
ASK_SECONDS = 1.0
# The most of an answer's body that is read, in bytes.
ANSWER_BYTES = 64
ALIVE = b'{"status":"alive"}'


def check_address(settings: Settings) -> None:
    """Raises BadSetting where nobody can listen, before anything else was begun."""
    host, port = settings.host, settings.port
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Hypercorn does
        try:
            probe.bind((host, port))
        except OSError as error:
            problem = f"nobody can listen at {host}:{port} ({error.strerror})"
            if error.errno == errno.EADDRINUSE:
                problem = f"{_who_has(host, port)} listens at {host}:{port}"
            raise BadSetting(f"PORT={port}: {problem}. {_another(port)}") from None


def _another(port: int) -> str:
    other = port % LAST_PORT + 1
    return f"Choose another: `PORT={other} honcho start`, or PORT={other} in `.env`"


def _who_has(host: str, port: int) -> str:
    """What answers there, as far as it can be told by asking."""
    asked = http.client.HTTPConnection(host, port, timeout=ASK_SECONDS)
    with closing(asked), suppress(OSError, http.client.HTTPException):
        asked.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        answer = asked.getresponse()
        if "AirTunes" in answer.getheader("Server", ""):
            return "AirPlay (System Settings, AirDrop & Handoff, AirPlay Receiver)"
        if answer.read(ANSWER_BYTES) == ALIVE:
            return "another Headway"
    return "another program"
