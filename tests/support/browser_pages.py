"""One of everything that Headway can show, made ready, and the addresses of all of its pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.system import System

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
# Seconds that a portrait and a story may take on a busy machine.
MAKING_SECONDS = 90.0


@contextmanager
def furnished(system: System, folder: Path) -> Iterator[dict[str, str]]:
    """Jobs in several states, a character and a story; gives addresses by page."""
    reason = folder / "reason"
    reason.write_text(f"the file {LONG_WORD} was not there")
    finished = system.submit("watched.say", text=f"A walk in {LONG_WORD}")["id"]
    failed = system.submit("watched.fail", name="A failure", reason=str(reason))["id"]
    system.ended(failed)
    system.http.post(f"/api/jobs/{failed}/retry").raise_for_status()
    started = system.submit("watched.walk", name="A walk without end")["id"]
    character = _character(system)
    yield {
        "dashboard": "/",
        "last hour": "/last-hour",
        "filtered dashboard": f"/?status=failed&q={LONG_WORD}",
        "empty dashboard": "/?q=nowhere-to-be-found",
        "finished job": f"/jobs/{finished}",
        "failed job": f"/jobs/{failed}",
        "started job": f"/jobs/{started}",
        "timeline": f"/jobs/{failed}/timeline",
        "kinds": "/jobs/new",
        "form of a kind": "/jobs/new?kind=watched.walk",
        "form with moments": "/jobs/new?kind=watched.moment",
        "characters": "/characters",
        "form of a character": "/characters/new",
        "character": f"/characters/{character}",
        "stories": "/stories",
        "story": f"/stories/{_story(system, character)}",
        "documents": "/docs",
        "nowhere": f"/{LONG_WORD}",
    }
    system.http.post(f"/api/jobs/{started}/stop")


def _character(system: System) -> str:
    asked = {"name": f"Ada {LONG_WORD}"[:100], "age": 36, "personality_profile": LONG_WORD}
    made = system.http.post("/api/characters", json=asked).raise_for_status().json()
    assert system.ended(made["job"]["id"], MAKING_SECONDS)["status"] == "finished"
    return str(made["character"]["id"])


def _story(system: System, character: str) -> str:
    asked = {"character_id": character, "theme": "friendship", "length": "short"}
    made = system.http.post("/api/stories", json=asked).raise_for_status().json()
    assert system.ended(made["job"]["id"], MAKING_SECONDS)["status"] == "finished"
    return str(made["story"]["id"])
