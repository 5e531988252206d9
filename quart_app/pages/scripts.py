"""What a page's scripts are: the one that stands in it, and the modules that it will need."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from urllib.parse import urljoin

from markupsafe import Markup
from quart import current_app

STATIC = Path(__file__).parent.parent / "static"
BOOT = (STATIC / "boot.js").read_text("utf-8")
# How a content security policy allows this script to stand in a page, and no other.
BOOT_HASH = "'sha256-" + base64.b64encode(hashlib.sha256(BOOT.encode()).digest()).decode() + "'"
ENTRY = "/static/headway.js"

_IMPORT = re.compile(r"^import (?:[^\"';]* from )?\"([^\"]+\.js)\"", re.M)


def boot() -> Markup:
    """The script that stands in every page."""
    return Markup(BOOT)  # a file of ours


def modules_of(script: str) -> list[str]:
    """The modules that a page with this script loads, to be fetched at once.

    A browser would else find them one behind the other, as each is read.
    """
    found = [ENTRY, script] if script else [ENTRY]
    for address in found:  # it grows meanwhile
        path = _file_of(address)
        imported = _imported_by(path, address) if path else ()
        found += [each for each in imported if each not in found]
    return found


def _file_of(address: str) -> Path | None:
    """The file at a static address, which may be a guest's."""
    places = [
        (str(each.static_url_path), each.static_folder) for each in current_app.blueprints.values()
    ]
    for prefix, folder in [*places, ("/static", STATIC)]:
        if folder and address.startswith(f"{prefix}/"):
            return Path(folder) / address.removeprefix(f"{prefix}/")
    return None


@cache
def _imported_by(path: Path, address: str) -> tuple[str, ...]:
    return tuple(urljoin(address, name) for name in _IMPORT.findall(path.read_text("utf-8")))
