"""Which part of a request's address is the site's, as proxies and frameworks say it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from headway.settings import Settings
from quart_app import create_app
from quart_app.door.placing import placed

APP = create_app(Settings())


def scope(path: str, root_path: str, method: str = "GET") -> Any:
    """A request as a server hands it on."""
    return {"type": "http", "method": method, "path": path, "root_path": root_path}


@pytest.mark.parametrize(
    ("prefix", "root", "path", "method", "ours"),
    [
        ("", "", "/api/jobs", "GET", "/api/jobs"),
        # A proxy that passes the prefix on, and one that strips it.
        ("/jobs", "", "/jobs/api/jobs", "GET", "/api/jobs"),
        ("/jobs", "", "/api/jobs", "GET", "/api/jobs"),
        ("/jobs", "", "/jobs", "GET", "/"),
        ("/jobs", "", "/jobs/", "GET", "/"),
        ("/jobs", "", "/", "GET", "/"),
        ("/jobs", "", "/jobs/new", "GET", "/jobs/new"),
        ("/jobs", "", "/jobs/jobs/new", "GET", "/jobs/new"),
        ("/jobs", "", "/jobs/an-id", "GET", "/jobs/an-id"),
        ("/jobs", "", "/jobs/jobs/an-id/retry", "POST", "/jobs/an-id/retry"),
        ("/jobs", "", "/jobs/bulk", "POST", "/jobs/bulk"),
        ("/jobs", "", "/jobsworth", "GET", "/jobsworth"),
        ("/stories", "", "/stories", "POST", "/stories"),
        ("/our/jobs", "", "/our/jobs/queues", "GET", "/queues"),
        # Nobody knows what this is: the site says that it is ours.
        ("/jobs", "", "/jobs/no/such/page", "GET", "/no/such/page"),
        # Starlette from 0.33 on, and by the specification; Starlette before, and others.
        ("", "/jobs", "/jobs/api/jobs", "GET", "/api/jobs"),
        ("", "/jobs", "/api/jobs", "GET", "/api/jobs"),
        ("", "/jobs/", "/jobs/api/jobs", "GET", "/api/jobs"),
        # A site at /site whose proxy strips that, with a mount at /jobs in it.
        ("", "/site/jobs", "/jobs/api/jobs", "GET", "/api/jobs"),
        ("", "/site/jobs", "/site/jobs/api/jobs", "GET", "/api/jobs"),
        ("/site/jobs", "/jobs", "/jobs/api/jobs", "GET", "/api/jobs"),
    ],
)
def test_what_is_ours_of_a_path(prefix: str, root: str, path: str, method: str, ours: str) -> None:
    found = cast(dict[str, Any], placed(APP, scope(path, root, method), prefix))

    base = prefix or root.rstrip("/")
    assert (found["root_path"], found["path"]) == (base, base + ours)
