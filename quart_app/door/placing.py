"""Where a request's address belongs: which part of it is the site's, and which part is ours.

The site in front may be a proxy that passes its prefix on or strips it, or a framework that mounts
this app. What ASGI calls `root_path` is a part of `path` by its specification and in Starlette from
0.33 on, and is not in older servers; a site that is itself behind a prefix may have only the end
of `root_path` in `path`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from hypercorn.typing import HTTPScope
from quart import Quart


def placed(app: Quart, scope: HTTPScope, prefix: str) -> HTTPScope:
    """The scope with the client's prefix as `root_path` and as the beginning of `path`.

    `prefix` is what the settings say, and stands above what the site says.
    """
    root = prefix or scope.get("root_path", "").rstrip("/")
    if not root:
        return scope
    path = root + _ours(app, scope, root)
    return cast(HTTPScope, {**cast(dict[str, Any], scope), "root_path": root, "path": path})


def _ours(app: Quart, scope: HTTPScope, root: str) -> str:
    """The path as our routes know it.

    With the prefix `/jobs` the path `/jobs/new` is the page of that name behind a proxy that strips
    it, and nothing behind one that does not: what is a route of ours decides.
    """
    path = scope["path"]
    readings = [*_without(root, path), path]
    if len(readings) == 1:
        return path
    routes = app.url_map.bind("")
    known = (reading for reading in readings if routes.test(reading, scope["method"]))
    return next(known, readings[0])


def _without(root: str, path: str) -> Iterator[str]:
    """The path without the root, or without an end of it, the longest first."""
    while root:
        if f"{path}/".startswith(f"{root}/"):
            yield path.removeprefix(root) or "/"
        root = "/".join(["", *root.split("/")[2:]]).rstrip("/")
