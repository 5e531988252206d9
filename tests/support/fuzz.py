"""Requests with faults in them, made from good ones: all chance comes from one seed."""

from __future__ import annotations

import random
import re

HEADERS = (
    b"Accept: text/html", b"Accept: application/json;q=0.1, */*", b"Content-Type: application/json",
    b"Content-Type: multipart/form-data; boundary=b", b"Transfer-Encoding: chunked",
    b"Content-Length: 7", b"Expect: 100-continue", b"Upgrade: h2c", b"Upgrade: websocket",
    b"Connection: Upgrade", b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA", b"Range: bytes=0-1",
    b"If-None-Match: *", b"Last-Event-ID: a:1", b"Cookie: a=b", b"Origin: http://localhost",
    b"Idempotency-Key: k", b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    b"Sec-WebSocket-Version: 13", b"Host: 127..1", b"X: " + b"x" * 9_000,
)  # fmt: skip
BODIES = (
    b'{"kind": "chaos.work", "params": {}}', b"[", b"--b\r\nContent-Disposition: form-data\r\n\r\n",
    b"4\r\n{}\r\n0\r\n\r\n", b"a=%ff&b", b"{}", b"\xff\x00",
)  # fmt: skip
QUERIES = (b"?wait=0", b"?limit=-1", b"?q=%00", b"?status=%ff", b"?&&=", b"?log=1", b"?before=x")
TRAPS = (b"\0", b"\r", b"\n", b"\r\n", b" ", b"\xff", b"%00", b":", b"/", b"..", b"HTTP/9.9")


class Fuzz:
    """Good requests to the routes, and their mutations."""

    def __init__(self, routes: list[tuple[str, str]], job_id: str, seed: int) -> None:
        self._routes = routes
        self._job = job_id
        self._chance = random.Random(seed)

    def pieces(self, number: int) -> list[bytes]:
        """What one connection sends, write by write; every route has its turn."""
        chance = self._chance
        requests = [self._request(number + more) for more in range(chance.choice((1, 1, 1, 2, 4)))]
        sent = b"".join(requests)
        for _ in range(chance.choice((0, 1, 1, 2, 5))):
            sent = self._broken(sent)
        if chance.random() < 0.3 and len(sent) > 1:
            cut = chance.randrange(1, len(sent))
            return [sent[:cut], sent[cut:]]
        return [sent]

    def _request(self, number: int) -> bytes:
        chance = self._chance
        method, path = self._routes[number % len(self._routes)]
        filled = re.sub(
            r"{[^}]*}", lambda _: chance.choice((self._job, "x", "%2e", "9" * 300)), path
        )
        target = filled.encode() + (chance.choice(QUERIES) if chance.random() < 0.4 else b"")
        if chance.random() < 0.1:
            target = b"http://localhost" + target
        method = chance.choice((method, method, method, "HEAD", "OPTIONS", "PUT"))
        headers = [b"Host: localhost", *chance.sample(HEADERS, chance.randrange(4))]
        body = chance.choice(BODIES) if method in {"POST", "PUT"} else b""
        if body:
            headers.append(b"Content-Length: %d" % len(body))
        chance.shuffle(headers)
        line = b"%s %s HTTP/1.%d" % (method.encode(), target, chance.choice((1, 1, 1, 0)))
        return b"\r\n".join((line, *headers, b"", body))

    def _broken(self, sent: bytes) -> bytes:
        chance = self._chance
        at = chance.randrange(len(sent) + 1)
        match chance.randrange(5):
            case 0:
                return sent[:at]
            case 1:
                return sent[:at] + chance.choice(TRAPS) + sent[at:]
            case 2:
                return sent[:at] + chance.randbytes(chance.randrange(1, 9)) + sent[at + 4 :]
            case 3:
                return sent[:at] + sent[at + chance.randrange(1, 30) :]
            case _:
                return sent[:at] + sent[at : at + 200] * 3 + sent[at + 200 :]
