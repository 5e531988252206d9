"""What a pickle holds is said without running any of it, whatever the bytes are."""

from __future__ import annotations

import collections
import enum
import json
import math
import os
import pickle
import time
import tracemalloc
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.mirror.described import CUT, MAX_CHARACTERS, describe
from headway.mirror.safe_pickle import MAX_BYTES, MAX_STEPS

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
SECOND_PROTOCOL = 2

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=20,
)


@dataclass
class Point:
    x: int
    name: str


class Colour(enum.Enum):
    RED = "red"


class Hostile:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._folder),)


@given(value=plain, protocol=st.sampled_from(PROTOCOLS))
def test_what_json_can_say_comes_out_as_it_went_in(value: object, protocol: int) -> None:
    assert describe(pickle.dumps(value, protocol)) == value


@given(value=plain)
def test_json_comes_out_as_it_went_in(value: object) -> None:
    assert describe(json.dumps(value).encode()) == value


@given(data=st.binary(max_size=200))
def test_any_bytes_are_described(data: bytes) -> None:
    for content in (data, b"\x80\x04" + data, b"\x80\x04(" + data + b"."):
        json.dumps(describe(content))


@pytest.mark.parametrize("protocol", range(SECOND_PROTOCOL, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (datetime(2026, 1, 2, tzinfo=UTC), "<datetime.datetime>"),
        (Decimal("1.50"), '<decimal.Decimal "1.50">'),
        (Colour.RED, f'<{__name__}.Colour "red">'),
        (Point(1, "here"), f'<{__name__}.Point x=1, name="here">'),
        (Point, f"<{__name__}.Point>"),
        (b"\0\1\2", "<3 bytes>"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (2**70, str(2**70)),
        (2**5000, "<an integer of 5001 bits>"),
        (("a", {"b": (1, 2)}), ["a", {"b": [1, 2]}]),
        ({7}, [7]),
        ({1: "a", None: "b", (1, 2): "c"}, {"1": "a", "None": "b", "<tuple>": "c"}),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.Counter("aab"), {"a": 2, "b": 1}),
        (collections.defaultdict(list, a=[1]), {"a": [1]}),
    ],
)
def test_what_json_cannot_say_is_said_in_words(value: object, words: object, protocol: int) -> None:
    assert describe(pickle.dumps(value, protocol)) == words


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_pickle_that_would_run_something_runs_nothing(tmp_path: Path, protocol: int) -> None:
    made = tmp_path / "made"

    said = describe(pickle.dumps(Hostile(made), protocol))

    assert said.startswith("<posix.mkdir ")
    assert not made.exists()


def test_a_list_that_holds_itself_has_an_end() -> None:
    loop: list[Any] = [1]
    loop.append(loop)

    said = describe(pickle.dumps(loop))

    assert said[0] == said[1][0] == said[1][1][0] == 1
    assert len(json.dumps(said)) < MAX_CHARACTERS


def test_few_bytes_that_would_be_a_billion_values_are_described_in_few() -> None:
    value: list[Any] = []
    for _ in range(60):
        value = [value, value]

    began = time.process_time()
    said = json.dumps(describe(pickle.dumps(value)))

    assert len(said) < MAX_CHARACTERS
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(b"N" + b"\x85" * MAX_STEPS + b".", id="too many steps"),
        pytest.param(
            b"\x8e" + MAX_BYTES.to_bytes(8, "little") + b"x" * MAX_BYTES + b".", id="too many bytes"
        ),
        pytest.param(b"N", id="no end"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x8a\xff.", id="an integer cut short"),
        pytest.param(b"h\x07.", id="nothing in the memo"),
        pytest.param(b"K\x01R.", id="too little on the stack"),
        pytest.param(b"K\x01)R.", id="a number called"),
        pytest.param(b"\x92.", id="no mark"),
    ],
)
def test_a_pickle_that_is_wrong_is_named_by_its_size(program: bytes) -> None:
    data = b"\x80\x04" + program

    assert describe(data) == f"<a pickle of {len(data)} bytes>"


def test_a_program_that_copies_for_ever_takes_little_memory() -> None:
    text = pickle.dumps("x" * (MAX_BYTES - MAX_STEPS * 6), 2)[2:-1]
    call = b"h\x01h\x00\x85R"
    data = b"\x80\x02" + text.replace(b"q\x00", b"") + b"q\x000c_codecs\nencode\nq\x01"

    tracemalloc.start()
    describe(data + call * (MAX_STEPS // 5) + b".")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert most < 10 * MAX_BYTES


def test_values_of_another_serializer_are_named_by_their_size() -> None:
    assert describe(b"\x93\x01\x02\x03") == "<4 bytes of another serializer>"


def test_a_long_text_is_cut() -> None:
    said = describe(pickle.dumps(["x" * MAX_CHARACTERS * 2, "y"]))

    assert len(said[0]) == MAX_CHARACTERS + len(CUT)
    assert said[1] == CUT


def test_a_half_of_a_surrogate_pair_is_no_text_to_keep() -> None:
    json.dumps(describe(pickle.dumps("\ud800")), ensure_ascii=False).encode("utf-8")
