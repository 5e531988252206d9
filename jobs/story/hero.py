"""The hero as a sentence needs one: names, pronouns, years.

A name is a stranger's text. Sentences carry marks in its place until they are finished, so
that nothing in a name is ever read as part of the notation.
"""

import re
import unicodedata
from dataclasses import dataclass

from jobs.story.storyteller import Character

# Private-use characters: no sentence of the library holds one.
NAME, OWNER, FULL = "\ue000", "\ue001", "\ue002"

CHILD_UNTIL, YOUNG_UNTIL, GROWN_UNTIL = 13, 20, 60  # years; the bands that the lines ask for
SHORTEST_FIRST_NAME = 3  # letters; "Jo March" keeps both, as "Al" or "Dr" alone reads oddly

TITLES = frozenset(
    "the sir lord lady king queen prince princess captain doctor professor mister miss madam "
    "mrs old little big great saint san santa von van der del las los uncle aunt auntie granny "
    "grandma grandpa mother father brother sister agent major general colonel count duke baron "
    "baby young black white red blue green golden silver mary anna jean juan kim".split()
)  # first words that are no name by themselves, or half of a double one
DIRECTIONAL = frozenset("R AL AN RLE RLO RLI LRE LRO LRI FSI PDF PDI".split())
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"

SMALL = (
    "nearly one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
HUNDRED = 100


@dataclass(frozen=True)
class Pronouns:
    """The forms of one person; the library writes them as he, him, his, hers, himself."""

    he: str
    him: str
    his: str
    hers: str
    himself: str
    was: str


SHE = Pronouns("she", "her", "her", "hers", "herself", "was")
HE = Pronouns("he", "him", "his", "his", "himself", "was")
THEY = Pronouns("they", "them", "their", "theirs", "themselves", "were")

SHE_WORDS = frozenset("f female woman girl she her lady feminine fem".split())
HE_WORDS = frozenset("m male man boy he him gentleman masculine masc".split())


@dataclass(frozen=True)
class Hero:
    """Whom the story is about, as told."""

    full_name: str
    short_name: str
    pronouns: Pronouns
    flags: frozenset[str]
    age: str  # "nine", or empty when unknown
    years: str  # "nine years old"


def hero_of(character: Character) -> Hero:
    """See the character as a hero; any text will do for any field."""
    full = " ".join(re.split(r"[\r\n\t\v\f\u0085\u2028\u2029]+", character.name)).strip()
    full = full or "Somebody"
    age = "" if character.age is None else number_word(character.age)
    years = f"{age} {'year' if character.age in (0, 1) else 'years'} old" if age else ""
    return Hero(
        full_name=full,
        short_name=short_name(full),
        pronouns=pronouns_of(character.gender),
        flags=frozenset({_band(character.age)} | ({"aged"} if age else set())),
        age=age,
        years=years,
    )


def pronouns_of(gender: str | None) -> Pronouns:
    """Choose pronouns for a freely worded gender: they, unless it plainly says she or he."""
    words = set(re.findall(r"[a-z]+", (gender or "").casefold()))
    she, he = bool(words & SHE_WORDS), bool(words & HE_WORDS)
    if she == he:
        return THEY
    return SHE if she else HE


def short_name(full: str) -> str:
    """Return how friends call the bearer: the first of several names when it is surely one."""
    first, _, rest = full.partition(" ")
    plain = re.fullmatch(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", first)
    written_as_name = first[:1].isupper() and not first.isupper()
    long_enough = len(first) >= SHORTEST_FIRST_NAME and first.casefold() not in TITLES
    if rest and plain and written_as_name and long_enough:
        return first
    return full


def number_word(number: int) -> str:
    """Spell an age; a negative one counts as none at all, a huge one stays in digits."""
    small = ["nearly one", *SMALL.split()[1:]]
    if number < len(small):
        return small[max(number, 0)]
    if number < HUNDRED:
        tens, rest = divmod(number, 10)
        return TENS[tens - 2] + (f"-{small[rest]}" if rest else "")
    if number < 2 * HUNDRED:
        rest = number - HUNDRED
        return "a hundred" + (f" and {number_word(rest)}" if rest else "")
    return str(number)


def possessive(name: str) -> str:
    """Return the name with its ’s; a name that ends in an apostrophe needs the s alone."""
    return isolated(name) + ("s" if name.endswith(("'", "’")) else "’s")


def isolated(text: str) -> str:
    """Fence text that could turn the direction of the line round it; other text is unchanged."""
    if any(unicodedata.bidirectional(sign) in DIRECTIONAL for sign in text):
        return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"
    return text


def _band(age: int | None) -> str:
    if age is None or YOUNG_UNTIL <= age < GROWN_UNTIL:
        return "grown"
    if age < CHILD_UNTIL:
        return "child"
    return "young" if age < YOUNG_UNTIL else "old"
