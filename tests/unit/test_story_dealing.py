"""How the lines of shared lists are dealt, and how a story keeps track of what has happened."""

from __future__ import annotations

from random import Random

from jobs.story.dealing import Chapter, Scene, deal
from jobs.story.pattern import expand
from jobs.story.shelf import Line, Move, line


def move(*uses: str, needs: str = "", sets: str = "", says: str = "") -> Move:
    lines = (line(says),) if says else ()
    return Move(True, tuple(needs.split()), uses, tuple(sets.split()), lines)


def dealt(
    *chapters: tuple[Move, ...], flags: str = "", sky: str = "", **lists: str
) -> list[list[set[str]]]:
    """The texts each piece may take, by chapter; `lists` are rows parted by semicolons."""
    shared = {name: tuple(map(line, rows.split("; "))) for name, rows in lists.items()}
    scenes = [Scene("", frozenset(sky.split()), {}, moves) for moves in chapters]
    told = deal(scenes, frozenset(flags.split()), shared, Random(1))
    return [[texts(piece.lines) for piece in chapter.pieces] for chapter in told]


def texts(lines: tuple[Line, ...]) -> set[str]:
    return {expand(one.pattern, {}, Random(1).random) for one in lines}


def test_no_line_of_a_shared_list_is_dealt_twice_in_a_story() -> None:
    rows = "one; two; three; four; five"

    ((first, second), (third,)) = dealt((move("list"), move("list")), (move("list"),), list=rows)

    assert first
    assert second
    assert third
    assert len(first | second | third) == len(first) + len(second) + len(third)


def test_a_move_for_which_no_line_is_left_is_left_out() -> None:
    assert dealt((move("list"), move("list")), list="only") == [[{"only"}]]


def test_what_happened_in_one_chapter_is_true_in_the_next_until_it_is_undone() -> None:
    lost = move(says="gone", sets="+lost")
    looks = move(says="looks for it", needs="lost")
    finds = move(says="finds it", sets="~lost")
    holds = move(says="holds it", needs="!lost")

    assert dealt((holds, lost, holds), (looks, finds), (looks, holds)) == [
        [{"holds it"}, {"gone"}],
        [{"looks for it"}, {"finds it"}],
        [{"holds it"}],
    ]


def test_a_line_is_only_told_where_it_is_true() -> None:
    rows = "?rain it rains; ?!rain it is dry; ?child a child"

    assert dealt((move("list"),), sky="rain", list=rows) == [[{"it rains"}]]
    ((one, other),) = dealt((move("list"), move("list")), flags="child", list=rows)
    assert one | other == {"it is dry", "a child"}


def test_a_move_has_its_own_lines_beside_those_of_the_lists_it_uses() -> None:
    assert dealt((move("list", says="own"),), list="shared") == [[{"own", "shared"}]]


def test_a_chapter_keeps_the_title_and_the_slots_of_its_scene() -> None:
    scene = Scene("Title", frozenset(), {"slot": ("value",)}, (move(says="told"),))

    (chapter,) = deal([scene], frozenset(), {}, Random(1))

    assert isinstance(chapter, Chapter)
    assert (chapter.title, chapter.slots) == ("Title", {"slot": ("value",)})
