"""What makes one wording better than another, and how a finished sentence looks."""

from __future__ import annotations

import pytest

from jobs.story.hero import NAME, SHE
from jobs.story.prose import articled
from jobs.story.taste import Taste


def taste(*told: str, echo: tuple[str, ...] = (), likes: tuple[str, ...] = ()) -> Taste:
    made = Taste(echo=echo, familiar=(), pronouns=SHE, likes=likes)
    for text in told:
        made.keep(text)
    return made


def score(judge: Taste, text: str, *, paragraph: bool = False) -> float:
    found = judge.score(text, paragraph)
    assert found is not None
    return found


def test_a_sentence_that_was_told_is_refused_even_inside_a_longer_passage() -> None:
    judge = taste("The door was shut. It rained.")

    assert judge.score("Snow fell. It rained.", False) is None


def test_a_striking_word_should_not_come_again_soon() -> None:
    judge = taste("There stood an enormous wardrobe.")

    assert score(judge, "An owl sat on the wardrobe.") < score(judge, "An owl sat on the chimney.")


def test_a_sentence_should_not_begin_like_the_ones_before_it() -> None:
    judge = taste("Then came rain.", "Then came wind.")

    assert score(judge, "Then came snow, and much of it.") < score(judge, "Snow came, a lot of it.")


def test_after_long_sentences_a_short_one_reads_best() -> None:
    long = "All along that road there were walls and gates and fields with a horse in each of them."
    judge = taste("The sun rose.", long)

    assert score(judge, "Nobody spoke.") > score(judge, long.replace("that", "the"))


def test_a_word_of_the_theme_is_welcome() -> None:
    judge = taste(echo=("lantern",))

    assert score(judge, "She lit a lantern.") > score(judge, "She lit a bonfire.")


def test_a_pronoun_that_could_mean_somebody_else_is_worse_than_the_name() -> None:
    judge = taste("Odile laughed.", likes=("Odile",))

    assert score(judge, "She ran.") < score(judge, f"{NAME} ran.")


def test_a_name_that_was_just_said_is_worse_than_a_pronoun() -> None:
    judge = taste(f"{NAME} laughed.")

    assert score(judge, f"{NAME} ran.") < score(judge, "She ran.")


def test_what_is_tried_on_a_branch_is_not_remembered() -> None:
    judge = taste("The door was shut.")

    judge.branch().keep("It rained.")

    assert judge.score("It rained.", False) is not None


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("a apple", "an apple"),
        ("an pear", "a pear"),
        ("A old one", "An old one"),
        ("a hour", "an hour"),
        ("an one-eared hare", "a one-eared hare"),
        ("an university", "a university"),
        ("a unimpressed eye", "an unimpressed eye"),
        ("an useful thing", "a useful thing"),
        ("a “odd” word", "an “odd” word"),
        ("a uncle", "an uncle"),
    ],
)
def test_an_article_is_as_the_next_word_is_spoken(written: str, spoken: str) -> None:
    assert articled(written) == spoken
