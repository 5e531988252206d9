"""HTTP/1.1 as clients speak it, offers of other protocols, and what is no request at all."""

from __future__ import annotations

import asyncio
import logging
import subprocess

import pytest

from tests.support.app_server import Server
from tests.support.by_hand import Hand
from tests.support.raw_http import asking, status_of, told
from tests.support.waiting import eventually_async

IMPOSSIBLE_HOSTS = (
    "127..1:5000", "", " ", "a b", "localhost:99999", "localhost:x", "me@localhost", "::1",
    "[::1", "h\xf6st", "localhost/x", "a" * 64, ".", "localhost,localhost",
)  # fmt: skip
SWITCH = "Connection: Upgrade, HTTP2-Settings"


async def curl(*arguments: str) -> bytes:
    """What curl prints."""
    process = await asyncio.create_subprocess_exec(
        "curl", "-s", "--noproxy", "*", "--max-time", "20", *arguments,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    return said


async def test_an_offer_of_http_2_is_answered_in_http_1_1(server: Server) -> None:
    form = "%{http_code} %{http_version}"

    said = await curl("--http2", "-o", "/dev/null", "-w", form, f"{server.url}/healthz")

    assert said == b"200 1.1"


async def test_http_2_without_an_offer_is_told_that_this_is_http_1_1(server: Server) -> None:
    answer = await told(server.settings.port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

    assert status_of(answer) == 505
    assert b"it speaks HTTP/1.1" in answer
    assert await curl("--http2-prior-knowledge", f"{server.url}/healthz") == b""


@pytest.mark.parametrize("protocol", ["h2c", "websocket", "WebSocket", "TLS/1.0, h2c", ""])
async def test_an_offer_to_switch_is_ignored(
    server: Server, protocol: str, caplog: pytest.LogCaptureFixture
) -> None:
    request = asking("/healthz", "Host: localhost", f"Upgrade: {protocol}", SWITCH)

    answer = await told(server.settings.port, request)

    assert status_of(answer) == 200
    assert not caplog.records


async def test_a_client_that_offered_http_2_and_left_its_stream_is_let_go(
    server: Server, hand: Hand
) -> None:
    head = f"Host: localhost\r\nUpgrade: h2c\r\n{SWITCH}\r\n\r\n"
    path = f"/api/jobs/{hand.create().id}/events"
    _, writer = await asyncio.open_connection("127.0.0.1", server.settings.port)
    writer.write(f"GET {path} HTTP/1.1\r\n{head}".encode())
    await eventually_async(lambda: len(server.parts.hub) == 1)

    writer.close()

    await eventually_async(lambda: len(server.parts.hub) == 0, within=5)
    await eventually_async(lambda: server.parts.stream_slots.taken == 0)


@pytest.mark.parametrize("host", IMPOSSIBLE_HOSTS)
async def test_a_host_that_cannot_be_is_a_bad_request(
    server: Server, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await told(server.settings.port, asking("/", f"Host: {host}"))

    assert status_of(answer) == 400
    assert not caplog.records


async def test_two_hosts_are_a_bad_request(server: Server) -> None:
    answer = await told(server.settings.port, asking("/", "Host: localhost", "Host: localhost"))

    assert status_of(answer) == 400


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://localhost/healthz", 200),
        ("http://localhost", 200),
        ("HTTP://elsewhere.example/healthz", 403),
        ("http://[/healthz", 400),
        ("?x", 400),
        ("healthz", 400),
        ("*", 400),
        ("/%00", 404),
        ("/%ff%fe?%00=%ff", 404),
        ("/jobs/%2e%2e/%2e%2e", 404),
        ("/" + "a" * 20_000, 404),
        ("/" + "a" * 200_000, 431),
    ],
)
async def test_targets_of_every_form_are_answered(
    server: Server, target: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    assert status_of(await told(server.settings.port, asking(target))) == status
    assert not caplog.records


@pytest.mark.parametrize(
    "header",
    [
        "Cookie: =;;=\xff; a", "Range: bytes=9-1,x", "If-None-Match: \"", "If-Range: x",
        "If-Modified-Since: Thu, 99 Foo 99999 99:99:99 GMT", "Accept: ;q=x,*/*;q=9e99",
        "Content-Type: multipart/form-data; boundary=", "Content-Type: text/html; charset=\xff",
        "Accept-Language: \xff;q=", "Authorization: Basic \xff", "Last-Event-ID: \xff:-1",
        "Origin: http://[", "Referer: //[", "Sec-Fetch-Site: \xff", "Forwarded: for=\"",
        "X-Forwarded-Host: 127..1", "Remote-Addr: x", "Accept-Encoding: \xff", "TE: \xff",
    ],
)  # fmt: skip
async def test_headers_that_say_nothing_break_nothing(
    server: Server, header: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    paths = ("/", "/api/jobs", "/static/job-progress.js", "/openapi.json")

    answers = [
        await told(server.settings.port, asking(path, "Host: localhost", header)) for path in paths
    ]

    assert all(200 <= status_of(answer) < 500 for answer in answers)
    assert not caplog.records


async def test_http_1_0_chunks_and_a_client_that_waits_to_be_let_go_on(server: Server) -> None:
    port, body = server.settings.port, b'{"kind": "toy.count"}'
    head = b"POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    head += b"Content-Type: application/json\r\n"
    length = b"Content-Length: %d\r\n" % len(body)

    old = await told(port, b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
    chunked = await told(
        port, head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    )
    patient = await told(port, head + length + b"Expect: 100-continue\r\n\r\n" + body)

    assert status_of(old) == 200
    assert status_of(chunked) == 202
    assert status_of(patient) in {100, 202}
    assert b"HTTP/1.1 202" in patient


async def test_every_route_answers_head_and_options(server: Server) -> None:
    paths = (await server.get("/openapi.json")).json()["paths"]

    for path in paths:
        address = path.replace("{", "").replace("}", "")
        for method in ("HEAD", "OPTIONS"):
            reply = await server.client.request(method, address)
            assert reply.status_code < 500 or path == "/readyz", (method, path)
            assert method == "OPTIONS" or reply.content == b""
