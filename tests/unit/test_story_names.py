"""Names and themes are a stranger's text: whatever they hold, they are only ever copied."""

from __future__ import annotations

import re
from random import Random

import pytest

from jobs.story.cast import cast_of
from jobs.story.grammar import Care, GrammarStoryteller
from jobs.story.hero import hero_of, number_word, possessive, pronouns_of, short_name
from jobs.story.manuscript import Manuscript
from jobs.story.parameters import Length
from jobs.story.storyteller import Character, Passage

HASTY = Care(drafts=5, finalists=1, ahead=0)
HOSTILE = (
    "🦊🌙",
    "👩🏽‍🚀 Zoë",
    "مريم",
    "\u202egnirts",
    "{hero}",
    "{name.__class__} %s {0}",
    "[a|b] ¶",
    "\\1 \\g<0> $1",
    "\ue000\ue001\ue003",
    "<script>alert(1)</script>",
    "O'Brien-Smith",
    "Zoe\u0308",
    "名前",
    "x" * 100,
    "the",
    "?",
)


class Shelf:
    """A store that keeps a story in memory."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def clear(self) -> None:
        self.calls.append(("clear",))

    def name(self, title: str) -> None:
        self.calls.append(("name", title))

    def append(self, number: int, title: str, text: str) -> None:
        self.calls.append(("append", number, title, text))


def told(character: Character, theme: str = "adventure", seed: int = 1) -> list[Passage]:
    return list(GrammarStoryteller(HASTY).tell(character, theme, Length.SHORT, seed))


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_survives_unchanged_and_nothing_in_it_is_read_as_a_pattern(name: str) -> None:
    texts = [passage.text for passage in told(Character(name, 30, name, name))]

    assert sum(name in text for text in texts) > 20
    rest = "".join(texts).replace(name, "")
    assert not re.search(r"[{}\[\]|<>\\%$\ue000-\ue0ff]", rest)


@pytest.mark.parametrize("theme", HOSTILE)
def test_any_words_can_be_a_theme_and_survive_unchanged(theme: str) -> None:
    whole = "".join(passage.text for passage in told(Character("Ada", 30), theme))

    assert f"“{theme}”" in re.sub("[\u2068\u2069]", "", whole)
    assert not re.search(r"[{}\[\]|<>\\%$\ue000-\ue0ff]", whole.replace(theme, ""))


def test_a_name_that_turns_the_line_round_is_fenced_off_from_the_rest() -> None:
    passages = told(Character("\u202eadA", 30))

    assert all(
        text.count("\u202e") == text.count("\u2068\u202eadA\u2069")
        for text in (passage.text for passage in passages)
    )


def test_a_name_written_over_several_lines_stays_in_its_paragraph() -> None:
    assert hero_of(Character("Ada\r\nthe\nGreat ")).full_name == "Ada the Great"


def test_a_character_of_whom_nothing_is_known_has_a_story_too() -> None:
    assert told(Character(" \n", None, None, None))[-1].done == 1


@pytest.mark.parametrize("age", [0, 1, 7, 16, 40, 99, 100, 150, 4000])
def test_any_age_has_a_story(age: int) -> None:
    assert told(Character("Ada", age))[-1].done == 1


def test_nobody_else_in_a_story_bears_a_name_of_the_hero() -> None:
    hero = hero_of(Character("Tam Corvane", 30, "she"))

    casts = [cast_of(hero, "mother", Random(seed)) for seed in range(100)]

    assert not {"Tam", "Corvane"} & {cast.friend.name for cast in casts}
    assert "Corvane" not in {cast.foe_surname for cast in casts}


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("Ada", "Ada’s"),
        ("James", "James’s"),
        ("Ka’", "Ka’s"),
        ("Ka'", "Ka's"),
        ("🦊", "🦊’s"),
        ("مريم", "\u2068مريم\u2069’s"),
    ],
)
def test_a_possessive_is_made_of_any_name(name: str, owner: str) -> None:
    assert possessive(name) == owner


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("Ada Lovelace", "Ada"),
        ("O’Brien James", "O’Brien"),
        ("The Fox", "The Fox"),
        ("Little Bear", "Little Bear"),
        ("Dr Strange", "Dr Strange"),
        ("李 小龙", "李 小龙"),
        ("bell hooks", "bell hooks"),
        ("Ada", "Ada"),
    ],
)
def test_friends_use_the_first_name_only_where_it_is_surely_one(full: str, short: str) -> None:
    assert short_name(full) == short


@pytest.mark.parametrize(
    ("gender", "he"),
    [
        ("female", "she"),
        ("A Woman", "she"),
        ("male", "he"),
        ("non-binary", "they"),
        ("she/they", "she"),
        ("male or female", "they"),
        ("🤖", "they"),
        ("", "they"),
        (None, "they"),
    ],
)
def test_a_gender_in_any_words_has_its_pronouns(gender: str | None, he: str) -> None:
    assert pronouns_of(gender).he == he


def test_verbs_agree_with_a_hero_whose_pronoun_is_they() -> None:
    for seed in range(6):
        whole = "".join(p.text for p in told(Character("Kai", 16, "they"), seed=seed))
        assert not re.search(r"\b[Tt]hey (was|is|has|wants)\b", whole)
        assert not re.search(r"\bKai (were|are|have)\b", whole)


@pytest.mark.parametrize(
    ("number", "word"),
    [(0, "nearly one"), (1, "one"), (21, "twenty-one"), (80, "eighty"), (101, "a hundred and one")],
)
def test_ages_are_spelled(number: int, word: str) -> None:
    assert number_word(number) == word


def test_the_manuscript_hands_on_every_piece_and_clears_an_earlier_attempt_first() -> None:
    shelf, passages = Shelf(), told(Character("Ada", 30))

    manuscript = Manuscript(shelf)
    for passage in passages:
        manuscript.add(passage)

    assert shelf.calls[:2] == [("clear",), ("name", passages[0].title)]
    assert [call[3] for call in shelf.calls[2:]] == [passage.text for passage in passages]
    assert manuscript.chapters == 3


def test_a_story_that_is_not_stored_is_told_all_the_same() -> None:
    manuscript = Manuscript(None)
    manuscript.add(told(Character("Ada", 30))[0])

    assert manuscript.words > 3


def test_the_file_shows_a_name_that_markdown_would_read_as_its_own() -> None:
    manuscript = Manuscript(None)
    manuscript.add(Passage("A *tale*", 1, 1, "One", "<b>Ada</b>_ went.", 1.0))

    assert manuscript.markdown() == "# A \\*tale\\*\n\n## 1. One\n\n\\<b\\>Ada\\</b\\>\\_ went.\n"
