"""What a story may be asked for with."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from jobs.story import seed_of
from jobs.story.parameters import THEME_CHARACTERS, Length, StoryParams


def params(**values: object) -> StoryParams:
    return StoryParams.model_validate({"character_id": "c1"} | values)


def test_a_story_needs_only_a_character() -> None:
    usual = params()

    assert usual.theme == "adventure"
    assert usual.length is Length.MEDIUM
    assert usual.story_id is None
    assert usual.seed is None


def test_any_words_in_any_script_are_a_theme() -> None:
    assert params(theme="  שלום 🦊 {hero} ").theme == "שלום 🦊 {hero}"


def test_the_fields_that_a_form_leaves_empty_are_as_if_they_were_not_sent() -> None:
    assert params(theme=" ", story_id="", seed="") == params()


@pytest.mark.parametrize(
    "wrong",
    [
        {"character_id": ""},
        {"theme": "x" * (THEME_CHARACTERS + 1)},
        {"theme": "\u200b"},
        {"theme": "two\nlines"},
        {"length": "endless"},
        {"seed": -1},
        {"seed": 2**53},
    ],
)
def test_what_cannot_be_told_is_refused_by_its_field(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        params(**wrong)

    assert [error["loc"][0] for error in caught.value.errors()] == list(wrong)


def test_every_field_of_the_form_has_a_title_a_description_and_an_example() -> None:
    for field in StoryParams.model_json_schema()["properties"].values():
        assert field["title"]
        assert field["description"]
        assert field["examples"]


def test_a_seed_that_is_given_is_used() -> None:
    assert seed_of(params(seed=7, story_id="s1")) == 7


def test_a_retry_of_a_stored_story_finds_the_same_seed_again() -> None:
    assert seed_of(params(story_id="s1")) == seed_of(params(story_id="s1"))
    assert seed_of(params(story_id="s1")) != seed_of(params(story_id="s2"))


def test_without_seed_and_story_no_two_tellings_share_a_seed() -> None:
    assert len({seed_of(params()) for _ in range(20)}) == 20


def test_the_form_needs_nothing_of_the_grammar() -> None:
    loads = "import sys, jobs.story; print('jobs.story.grammar' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", loads], capture_output=True, check=True, text=True)

    assert told.stdout.strip() == "False"
