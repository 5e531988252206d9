"""The kind `story_generation`: what it takes from the store, leaves there and reports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from headway.errors import JobFailed
from jobs.story import STORY_FILE, write_story
from jobs.story.grammar import Care
from jobs.story.parameters import StoryParams


@dataclass
class Store:
    """A store with one character and one story, in memory."""

    title: str = ""
    texts: dict[int, str] = field(default_factory=lambda: {1: "Left by an earlier attempt."})

    def character(self, character_id: str) -> Any:
        ada = SimpleNamespace(name="Ada", age=36, gender="female", personality_profile="kind")
        return ada if character_id == "c1" else None

    def clear(self) -> None:
        self.texts.clear()

    def name(self, title: str) -> None:
        self.title = title

    def append(self, number: int, title: str, text: str) -> None:
        self.texts[number] = self.texts.get(number, "") + text


@dataclass
class Report:
    """What a job reports, in memory."""

    percents: list[float] = field(default_factory=list)
    steps: list[tuple[str, int, int]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    def __call__(self, percent: float, message: str) -> None:
        self.percents.append(percent)

    def step(self, name: str, n: int, of: int) -> None:
        self.steps.append((name, n, of))

    def attach(self, name: str, content: bytes) -> None:
        self.files[name] = content


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    made = Store()

    @contextmanager
    def open_writer() -> Iterator[Store]:
        yield made

    monkeypatch.setattr("headway.store.open_writer", open_writer)
    monkeypatch.setattr("jobs.character.table.character", Store.character)
    monkeypatch.setattr("jobs.story.table.StoredStory", lambda store, _: store)
    monkeypatch.setattr("jobs.story.grammar.Care", lambda: Care(5, 1, 0))
    return made


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> Report:
    made = Report()
    monkeypatch.setattr("jobs.story.report", made)
    return made


def params(**values: object) -> StoryParams:
    return StoryParams.model_validate({"character_id": "c1", "length": "short"} | values)


def test_the_stored_story_is_the_one_that_is_told_and_an_earlier_attempt_is_gone(
    store: Store, reported: Report
) -> None:
    result = write_story(params(story_id="s1"))

    words = sum(len(text.split()) for text in store.texts.values())
    assert result == {"title": store.title, "chapters": 3, "words": words, "seed": result["seed"]}
    assert sorted(store.texts) == [1, 2, 3]
    assert "earlier attempt" not in store.texts[1]


def test_progress_only_grows_and_every_chapter_is_a_step(store: Store, reported: Report) -> None:
    write_story(params(story_id="s1"))

    assert all(one <= two for one, two in pairwise(reported.percents))
    assert reported.percents[-1] == 100
    assert [(number, of) for _, number, of in reported.steps] == [(1, 3), (2, 3), (3, 3)]
    assert all(name.startswith("Chapter: ") for name, _, _ in reported.steps)


def test_the_whole_story_is_attached_as_a_file(store: Store, reported: Report) -> None:
    result = write_story(params(story_id="s1"))

    file = reported.files[STORY_FILE].decode()
    assert file.startswith(f"# {result['title']}\n\n## 1. ")
    assert store.texts[3] in file


def test_without_a_stored_story_the_text_is_only_attached(store: Store, reported: Report) -> None:
    write_story(params())

    assert store.texts == {1: "Left by an earlier attempt."}
    assert STORY_FILE in reported.files


def test_a_character_that_was_deleted_fails_the_job_with_a_plain_reason(store: Store) -> None:
    with pytest.raises(JobFailed, match="not there any more"):
        write_story(params(character_id="c2", story_id="s1"))
