"""Characters and stories as the API and the pages show them. It reads nothing."""

from __future__ import annotations

import json

from headway.model.record import FINAL, JsonDict, Status
from jobs.character.table import PORTRAIT, THUMBNAIL


def generation_status(job_status: str | None) -> str:
    """A job's status in the words of whoever waits for what it makes."""
    if job_status == Status.FINISHED:
        return "completed"
    if job_status == Status.STARTED:
        return "generating"
    return "failed" if job_status is None or job_status in FINAL else "pending"


def character_json(item: JsonDict) -> JsonDict:
    """A character with the state of its portrait."""
    names = "id name age gender personality_profile art_style user_id created_at job_id".split()
    base = f"/api/characters/{item['id']}"
    return {name: item[name] for name in names} | {
        "generation_status": generation_status(item["job_status"]),
        "description": (item["job_result"] or {}).get("caption"),
        "portrait": _picture(item, PORTRAIT),
        "thumbnail": _picture(item, THUMBNAIL),
        "links": {
            "self": base,
            "page": f"/characters/{item['id']}",
            "generation_status": f"{base}/generation-status",
            "job": f"/api/jobs/{item['job_id']}",
            "events": f"/api/jobs/{item['job_id']}/events",
        },
    }


def generation_json(item: JsonDict) -> JsonDict:
    """How far a character's portrait is."""
    return {
        "character_id": item["id"],
        "generation_status": generation_status(item["job_status"]),
        "progress_percentage": item["job_progress"] or 0,
        "progress_message": item["job_message"] or "",
        "created_at": item["created_at"],
        "generation_started": item["job_started_at"],
    }


def story_json(item: JsonDict, *, with_text: bool) -> JsonDict:
    """A story with the state of its writing, and the chapters written so far if asked for."""
    names = "id character_id character_name theme length title created_at job_id".split()
    text = {"chapters": json.loads(item["chapters"])} if with_text else {}
    return {name: item[name] for name in names} | {
        "generation_status": generation_status(item["job_status"]),
        **text,
        "links": {
            "self": f"/api/stories/{item['id']}",
            "page": f"/stories/{item['id']}",
            "character": f"/api/characters/{item['character_id']}",
            "job": f"/api/jobs/{item['job_id']}",
            "events": f"/api/jobs/{item['job_id']}/events",
        },
    }


def _picture(item: JsonDict, name: str) -> str | None:
    if name in item["files"]:
        return f"/api/jobs/{item['job_id']}/artifacts/{name}"
    return None
