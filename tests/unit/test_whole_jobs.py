"""Which of the messages that wait are of jobs that came whole."""

from __future__ import annotations

from typing import Any

import pytest

from headway.workhorse.whole_jobs import MOST_TOGETHER, whole_jobs


@pytest.mark.parametrize(
    ("waiting", "whole"),
    [
        ("begin finish", 2),
        ("begin log finish begin finish begin", 5),
        ("begin log", 0),
        ("finish begin finish", 0),  # the first was begun before
        ("begin finish begin fail begin finish", 2),
        ("begin report finish", 0),  # a report does not say when it failed
        ("begin attach finish", 0),  # the file is gone after the first time
        ("begin begin finish", 0),  # of the first nobody said how it ended
        ("begin finish " * MOST_TOGETHER, MOST_TOGETHER),
        ("", 0),
    ],
)
def test_jobs_are_whole_from_begin_to_finish(waiting: str, whole: int) -> None:
    messages: list[tuple[str, tuple[Any, ...]]] = [(name, ()) for name in waiting.split()]

    assert len(whole_jobs(messages)) == whole
