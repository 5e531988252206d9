"""How pages word a character: numbers and their nouns agree."""

from __future__ import annotations

from jobs.character.web.pages import character_line


def test_a_character_of_one_year_is_one_year_old() -> None:
    who = {"gender": "", "art_style": "comic_book", "generation_status": "completed"}

    lines = [character_line(who | {"age": age}) for age in (None, 0, 1, 2)]

    assert lines == [
        "comic book", "0 years · comic book", "1 year · comic book", "2 years · comic book"
    ]  # fmt: skip
