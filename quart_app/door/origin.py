"""Which requests may come in: those to this machine's names, from our own pages or programs."""

from __future__ import annotations

from urllib.parse import urlsplit

from quart import Request

from headway.model.record import safe_text
from headway.settings import LOOPBACK_HOSTS, Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# What a browser says of a request that our own page made, or the person at the address bar.
OWN_SITE = frozenset({"same-origin", "none"})
# The longest part of a refused header that the answer repeats, in characters.
HEADER_CHARACTERS = 100


def refusal(request: Request, settings: Settings) -> str | None:
    """Why a request may not come in, or None.

    Host is checked because another site's name may lead to this address (DNS rebinding); Origin and
    Sec-Fetch-Site, so that its page cannot act or listen through a visitor's browser. On a trusted
    network any Host is accepted, but another site's page still cannot act.
    """
    host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
    acts = request.method not in SAFE_METHODS
    is_open = settings.headway_open
    if not is_open and _name_of(host) not in LOOPBACK_HOSTS | settings.allowed_names:
        return _of_another_name(host)
    if origin is not None and _netloc_of(origin) != host and (acts or not is_open):
        return _of_another_site(origin, host)
    site = request.headers.get("Sec-Fetch-Site", "none")
    if acts and not is_open and site not in OWN_SITE:
        return f"This request comes from another site's page: Sec-Fetch-Site is {_said(site)}."
    return None


def _of_another_name(host: str) -> str:
    return (
        f"This Headway does not answer to the Host {_said(host)}: add it to ALLOWED_HOSTS, or have "
        "the proxy pass on the Host header that it got."
    )


def _of_another_site(origin: str, host: str) -> str:
    return (
        f"This request comes from another site's page: its Origin {_said(origin)} is not its Host "
        f"{_said(host)}. If they should match, have the proxy pass on the Host header that it got."
    )


def _said(header: str) -> str:
    return f'"{safe_text(header, HEADER_CHARACTERS)}"'


def _name_of(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:  # half of an IPv6 address
        return None


def _netloc_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
