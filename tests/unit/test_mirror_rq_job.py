"""A job is read out of any version's hash; what is strange in it is None, and never an error."""

from __future__ import annotations

import base64
import json
import pickle
import zlib
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.mirror.rq_job import (
    LARGE_FIELDS,
    SMALL_FIELDS,
    RqJob,
    RqProgress,
    read_job,
    read_result,
)

CALL = ("app.add", None, (1, 2), {"loud": True})
FIELDS = {
    b"created_at": b"2026-11-27T10:00:00.000001Z",
    b"enqueued_at": b"2026-11-27T10:00:01Z",
    b"started_at": b"",
    b"status": b"started",
    b"origin": b"default",
    b"data": zlib.compress(pickle.dumps(CALL)),
    b"description": b"app.add(1, 2, loud=True)",
    b"timeout": b"180",
    b"result_ttl": b"-1",
    b"retries_left": b"2",
    b"retry_intervals": b"[1, 5]",
    b"repeats_left": b"3",
    b"repeat_intervals": b"[60]",
    b"dependency_id": b"first",
    b"dependency_ids": b'["first", "second"]',
    b"group_id": b"night",
    b"worker_name": b"abc",
    b"meta": pickle.dumps({"user": 7}),
}

some_bytes = st.binary(max_size=60) | st.sampled_from(
    [b"NaN", b"-1e999", b"[1e999]", b"[" * 50, b"9" * 5000, b"9999-12-31T23:59:59.9+14:00"]
)


def test_a_job_has_what_its_hash_says() -> None:
    job = read_job("a", FIELDS)

    assert job == RqJob(
        id="a",
        status="started",
        origin="default",
        function="app.add",
        args=[1, 2],
        kwargs={"loud": True},
        description="app.add(1, 2, loud=True)",
        created_at="2026-11-27T10:00:00.000001Z",
        enqueued_at="2026-11-27T10:00:01.000000Z",
        timeout=180,
        result_ttl=-1,
        meta={"user": 7},
        dependency_ids=("first", "second"),
        retries_left=2,
        retry_intervals=(1, 5),
        repeats_left=3,
        repeat_intervals=(60,),
        worker_name="abc",
        group="night",
    )


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(zlib.compress(json.dumps(CALL).encode()), id="JSON"),
        pytest.param(pickle.dumps(CALL, 2), id="not compressed, of Python 2"),
    ],
)
def test_a_call_is_read_in_each_form_that_rq_wrote(data: bytes) -> None:
    job = read_job("a", {**FIELDS, b"data": data})

    assert (job.function, job.args, job.kwargs) == ("app.add", [1, 2], {"loud": True})


@pytest.mark.parametrize("data", [zlib.compress(b"\x94\xa7app.add"), pickle.dumps("app"), b"\x80"])
def test_a_call_that_cannot_be_read_has_the_name_that_the_description_begins_with(
    data: bytes,
) -> None:
    job = read_job("a", {**FIELDS, b"data": data})

    assert job.function == "app.add"
    assert job.args.startswith("<")


def test_compressed_data_that_would_fill_the_memory_is_not_unpacked() -> None:
    bomb = zlib.compress(b"\0" * 50_000_000)

    assert read_job("a", {b"data": bomb}).args == "<1000001 bytes>"


def test_a_hash_of_an_older_version_holds_the_result_and_the_error_itself() -> None:
    job = read_job("a", {b"result": pickle.dumps([3]), b"exc_info": zlib.compress(b"ValueError")})

    assert (job.result, job.exc_info) == ([3], "ValueError")


def test_a_result_of_the_stream_says_more_than_the_hash() -> None:
    value = base64.b64encode(pickle.dumps({"sum": 3}))
    newest = read_result(
        b"1764237600123-0",
        {b"type": b"1", b"return_value": value, b"worker_name": b"abc"},
    )

    job = read_job("a", {b"status": b"finished"}, newest)

    assert job.ended_at == "2025-11-27T10:00:00.123000Z"
    assert (job.outcome, job.result, job.worker_name) == ("successful", {"sum": 3}, "abc")


def test_a_job_that_runs_again_has_no_end_yet() -> None:
    newest = read_result(b"1764237600123-0", {b"type": b"4", b"worker_name": b"abc"})

    job = read_job("a", {b"status": b"scheduled"}, newest)

    assert (job.outcome, job.ended_at, job.worker_name) == ("retried", None, None)


def test_a_traceback_of_the_stream_is_unpacked() -> None:
    packed = base64.b64encode(zlib.compress("ValueError: ä".encode()))

    result = read_result(b"1-0", {b"type": b"2", b"exc_string": packed})

    assert (result.outcome, result.exc_info) == ("failed", "ValueError: ä")


@pytest.mark.parametrize(
    ("said", "progress"),
    [
        (0.25, RqProgress(25.0)),
        (1.0, RqProgress(100.0)),
        (40, RqProgress(40.0)),
        (99.5, RqProgress(99.5)),
        (-3, RqProgress(0.0)),
        (250, RqProgress(100.0)),
        ({"current": 3, "total": 12, "message": "x"}, RqProgress(25.0, 3, 12, "x")),
        ({"current": 3, "total": 0}, RqProgress(None, 3, 0)),
        ({"message": "only words"}, RqProgress(message="only words")),
        ({"current": "3", "total": [], "message": 7}, RqProgress()),
        (float("nan"), None),
        (True, None),
        ("half", None),
        (None, None),
    ],
)
def test_progress_is_what_meta_says_in_percent(said: object, progress: RqProgress | None) -> None:
    job = read_job("a", {b"meta": pickle.dumps({"progress": said})})

    assert job.progress == progress


@given(
    known=st.dictionaries(
        st.sampled_from([name.encode() for name in SMALL_FIELDS + LARGE_FIELDS]), some_bytes
    ),
    entry=st.dictionaries(
        st.sampled_from(
            [b"type", b"return_value", b"exc_string", b"worker_name", b"execution_ended_at"]
        ),
        some_bytes,
    ),
    entry_id=some_bytes,
)
def test_no_hash_is_too_strange(
    known: dict[bytes, bytes | None], entry: dict[bytes, bytes | None], entry_id: bytes
) -> None:
    job = read_job("a", known, read_result(entry_id, entry))

    json.dumps({field.name: str(getattr(job, field.name)) for field in fields(job)})
    assert job.timeout is None or isinstance(job.timeout, int)


def test_a_hash_without_a_field_is_a_job_that_is_only_an_id() -> None:
    assert read_job("a", {}) == RqJob(id="a")
    assert read_job("a", dict.fromkeys(FIELDS)) == RqJob(id="a")
