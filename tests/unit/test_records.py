"""Records: times, ids and words as they travel."""

from __future__ import annotations

import json
import math
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.model.record import (
    FINAL,
    RANK,
    WAITING,
    Artifact,
    Failure,
    Status,
    as_time,
    dumps,
    new_id,
    now,
    safe_text,
    seconds_of,
)
from tests.support.by_hand import a_record


def test_ids_are_uuids_of_version_7_and_sort_by_the_moment() -> None:
    ids = [new_id() for _ in range(1000)]

    assert len(set(ids)) == 1000
    assert {(UUID(each).version, UUID(each).variant) for each in ids} == {
        (7, "specified in RFC 4122")
    }
    moments = [int(each.replace("-", "")[:12], 16) for each in ids]
    assert moments == sorted(moments)


@given(st.integers(0, 4_000_000_000_000_000))
def test_times_sort_as_text_and_come_back(microseconds: int) -> None:
    at = microseconds / 1e6
    text = as_time(at)

    assert len(text) == len("2026-01-31T12:00:00.000000Z")
    assert math.isclose(seconds_of(text), at, abs_tol=2e-6)
    assert as_time(at + 1) > text


@pytest.mark.parametrize("text", ["", "soon", "2026-01-31T12:00:00", "2026-13-01T00:00:00Z"])
def test_a_text_that_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        seconds_of(text)


def test_every_status_waits_runs_or_is_final() -> None:
    assert FINAL | WAITING | {Status.STARTED} == set(Status)
    assert {RANK[status] for status in WAITING} == {0}
    assert RANK[Status.STARTED] == 1
    assert {RANK[status] for status in FINAL} == {2}


def test_a_record_shows_everything_and_an_event_neither_parameters_nor_traceback() -> None:
    record = a_record(
        params={"a": 1},
        error=Failure("ValueError", "no luck", "Traceback…"),
    )

    whole, event = record.to_json([Artifact("a.png", "image/png", 3)]), record.to_event()

    assert whole["params"] == {"a": 1}
    assert whole["error"]["traceback"] == "Traceback…"
    assert event["error"] == {"type": "ValueError", "message": "no luck"}
    assert set(whole) - set(event) == {"params"}
    assert whole["links"]["artifacts"][0]["href"] == f"/api/jobs/{record.id}/artifacts/a.png"
    assert event["links"]["artifacts"] == []
    assert "deleted" not in whole


@given(st.text(st.characters()), st.integers(2, 50))
def test_plain_text_can_travel_anywhere(text: str, limit: int) -> None:
    shown = safe_text(text, limit)

    assert len(shown) <= limit
    assert "\0" not in shown
    shown.encode()


@given(st.text(st.characters()))
def test_any_text_travels_in_json(text: str) -> None:
    written = dumps({"text": text})

    written.encode()
    assert json.loads(written) == {"text": text}
    assert written.splitlines() == [written]


def test_json_is_one_line_for_every_reader_of_lines_and_readable_for_people() -> None:
    ends = [chr(code) for code in range(0x110000) if len(f"a{chr(code)}b".splitlines()) > 1]

    written = dumps({"text": "".join(ends), "words": "é … שלום 🎈"})

    assert "\u2028" in ends
    assert written.splitlines() == [written]
    assert json.loads(written)["text"] == "".join(ends)
    assert "é … שלום 🎈" in written


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1}, b"", object()])
def test_what_json_cannot_say_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        dumps({"value": value})


def test_now_is_now() -> None:
    assert now() <= now()


@pytest.mark.parametrize(
    ("status", "actions"),
    [
        (Status.SCHEDULED, ["stop"]),
        (Status.DEFERRED, ["stop"]),
        (Status.QUEUED, ["stop"]),
        (Status.STARTED, ["stop"]),
        (Status.FINISHED, ["delete"]),
        (Status.FAILED, ["retry", "delete"]),
        (Status.STOPPED, ["retry", "delete"]),
        (Status.CANCELED, ["retry", "delete"]),
    ],
)
def test_what_can_be_done_to_a_job_follows_from_its_status(
    status: Status, actions: list[str]
) -> None:
    assert a_record(status=status).actions == actions
