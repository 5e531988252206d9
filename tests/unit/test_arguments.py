"""What a kind's function gets is what its model made of the request, and it is made once."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import json
import re
import threading
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import pytest
from pydantic import (
    AfterValidator,
    Base64Bytes,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    FilePath,
    FutureDatetime,
    GetCoreSchemaHandler,
    HttpUrl,
    PlainValidator,
    PrivateAttr,
    WrapValidator,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict

from headway.errors import BadParameters
from headway.kinds.arguments import UNKEPT
from headway.kinds.codecs import same
from headway.kinds.kind import Kind

T = TypeVar("T")
BERLIN = ZoneInfo("Europe/Berlin")


class WithTax(BaseModel):
    price: Annotated[float, AfterValidator(lambda price: price * 1.2)]


class Split(BaseModel):
    names: Annotated[list[str], BeforeValidator(lambda text: text.split(","))]


class Hidden(BaseModel):
    token: str = Field(exclude=True)
    rows: int = 1


class Exact(BaseModel, strict=True):
    share: float
    at: dt.datetime
    pair: tuple[int, str] = (1, "a")
    id: uuid.UUID = uuid.UUID(int=7)


class Outgrown(BaseModel):
    metres: Annotated[int, Field(le=10), AfterValidator(lambda metres: 1_000 * metres)]


class Lossy(BaseModel):
    day: dt.date
    share: float = 1 / 3

    @field_serializer("day")
    def _german(self, day: dt.date) -> str:
        return day.strftime("%d.%m.%Y")

    @field_serializer("share")
    def _short(self, share: float) -> str:
        return f"{share:.2f}"


class Summed(BaseModel):
    rows: int
    columns: int = 3

    @model_serializer
    def _sum(self) -> str:
        return f"{self.rows * self.columns} cells"


class Swapped(BaseModel):
    name: str = Field(alias="title")
    title: str = Field(alias="name")


class Open(BaseModel, extra="allow"):
    rows: int = 1


class Level(enum.Enum):
    LOW, HIGH = (0, 1), (5, 9)


class Typed(BaseModel):
    price: Decimal = Decimal("1.10")
    path: Path = Path("a/b")
    level: Level = Level.HIGH
    numbers: set[int] = {3, 1}
    words: frozenset[str] = frozenset({"x"})
    raw: bytes = b"abc"
    wait: dt.timedelta = dt.timedelta(days=2, microseconds=1)
    at: dt.datetime = dt.datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)
    noon: dt.time = dt.time(12)
    pattern: re.Pattern[str] = re.compile("a+")
    site: HttpUrl = HttpUrl("https://example.org/a")
    coded: Base64Bytes = b"\xff"
    moment: dt.datetime | str = dt.datetime(2026, 1, 1)
    anything: Any = (1, {"day": dt.date(2026, 1, 1)}, {2}, b"abc", [None])


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    lives: Annotated[int, AfterValidator(lambda lives: lives + 1)] = 1


class Pets(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    others: list[Cat | Dog] = []


class Tree(BaseModel):
    value: Annotated[int, AfterValidator(lambda value: value + 1)]
    children: list[Tree] = []


class Box(BaseModel, Generic[T]):
    held: T


class Boxes(BaseModel):
    box: Box[Annotated[int, AfterValidator(lambda value: value * 2)]]


class Counted(BaseModel):
    rows: int
    _cells: int = PrivateAttr(0)

    def model_post_init(self, _: Any) -> None:
        self._cells = 2 * self.rows


class Doubling(BaseModel):
    rows: int
    _asked: int = PrivateAttr(0)

    def model_post_init(self, _: Any) -> None:
        self._asked, self.rows = self.rows, 2 * self.rows


class Compiled(BaseModel):
    text: str
    _pattern: re.Pattern[str] = PrivateAttr()

    @model_validator(mode="after")
    def _compile(self) -> Compiled:
        self._pattern = re.compile(self.text)
        return self


@dataclasses.dataclass
class Range:
    first: int
    width: dataclasses.InitVar[int]
    last: int = dataclasses.field(init=False, default=0)

    def __post_init__(self, width: int) -> None:
        self.last = self.first + width


class Point(NamedTuple):
    x: int
    y: int = 2


class Style(TypedDict, total=False):
    size: Annotated[int, AfterValidator(lambda size: size + 1)]


class Within(BaseModel):
    range: Range
    point: Point
    style: Style


class Every(BaseModel):
    wrapped: Annotated[int, WrapValidator(lambda value, handler: 3 * handler(value))]
    plain: Annotated[int, PlainValidator(lambda value: 3 * value)]
    decorated: int

    @field_validator("decorated")
    @classmethod
    def _more(cls, value: int) -> int:
        return value + 1

    @model_validator(mode="before")
    @classmethod
    def _before(cls, values: dict[str, int]) -> dict[str, int]:
        return {name: value + 1 for name, value in values.items()}

    @model_validator(mode="wrap")
    @classmethod
    def _wrap(cls, values: Any, handler: Callable[[Any], Every]) -> Every:
        made = handler(values)
        made.decorated *= 2
        return made


class Colour:
    """A type that says itself how it is made, and knows no equality."""

    def __init__(self, name: str) -> None:
        self.name = name

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda one: one.name),
        )


class Doubled:
    """An annotation that makes another value of the same type."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(lambda one: 2 * one, handler(source))


class Custom(BaseModel):
    colour: Colour
    rows: Annotated[int, Doubled()]


class Begun(BaseModel):
    rows: int

    def __init__(self, **values: Any) -> None:
        super().__init__(**{name: value + 1 for name, value in values.items()})


class Frozen(BaseModel, frozen=True):
    rows: Annotated[Any, AfterValidator(tuple)]


class Configured(BaseModel):
    model_config = ConfigDict(ser_json_timedelta="float", str_to_lower=True)
    wait: dt.timedelta
    name: str


class Letter(enum.Enum):
    A = "a"


class Valued(BaseModel, use_enum_values=True):
    letter: Letter
    words: Annotated[str, AfterValidator(lambda text: text.split())]


class Drawn(BaseModel):
    rows: int = 1
    _id: uuid.UUID = PrivateAttr(default_factory=uuid.uuid4)
    _lock: Any = PrivateAttr(default_factory=threading.Lock)


class Drawns(BaseModel):
    drawn: list[Drawn]
    size: ByteSize


ASKED: list[tuple[type[BaseModel], dict[str, Any]]] = [
    (WithTax, {"price": 100}),
    (Split, {"names": "a,b"}),
    (Hidden, {"token": "t", "rows": 2}),
    (Exact, {"share": 0.5, "at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}),
    (Outgrown, {"metres": 5}),
    (Lossy, {"day": "2026-01-02"}),
    (Summed, {"rows": 2}),
    (Swapped, {"title": "Ada", "name": "Portrait"}),
    (Open, {"rows": 2, "more": [1, 2.5, {"a": None}]}),
    (Typed, {}),
    (Pets, {"pet": {"kind": "dog", "lives": 3}, "others": [{"kind": "cat"}, {"kind": "dog"}]}),
    (Tree, {"value": 1, "children": [{"value": 2, "children": [{"value": 3}]}]}),
    (Box[int], {"held": 3}),
    (Boxes, {"box": {"held": 3}}),
    (Counted, {"rows": 2}),
    (Doubling, {"rows": 2}),
    (Compiled, {"text": "a+"}),
    (
        Within,
        {"range": {"first": 1, "width": 2}, "point": {"x": 1}, "style": {"size": 4}},
    ),
    (Every, {"wrapped": 1, "plain": 2, "decorated": 3}),
    (Custom, {"colour": "red", "rows": 2}),
    (Begun, {"rows": 1}),
    (Frozen, {"rows": [1, 2]}),
    (Valued, {"letter": "a", "words": "a b"}),
    (Drawns, {"drawn": [{}, {"rows": 2}], "size": "3kB"}),
    (Configured, {"wait": 90, "name": "ADA"}),
]


def kind_of(model: type[BaseModel], title: Any = "Any") -> Kind:
    """A kind whose function gives back what it gets."""
    return Kind(
        name="any",
        function=lambda params: params,
        params=model,
        takes_params=True,
        queue="default",
        timeout_seconds=None,
        max_attempts=1,
        title=title,
    )


@pytest.mark.parametrize(("model", "asked"), ASKED, ids=lambda each: getattr(each, "__name__", ""))
def test_a_function_gets_what_the_model_made_of_the_request(
    model: type[BaseModel], asked: dict[str, Any]
) -> None:
    kept = kind_of(model).validated(asked)

    # Another process: nothing of this one is left but what was kept.
    got = kind_of(model).call(json.loads(json.dumps(kept.params)), kept.arguments)

    assert same(got, kept.model), (got, kept.model)


def test_a_parameter_is_made_once() -> None:
    kept = kind_of(WithTax).validated({"price": 100})

    assert kind_of(WithTax).call(kept.params, kept.arguments).price == 120
    assert (kept.params, kept.arguments) == ({"price": 120}, None)


def test_no_validator_runs_after_the_first_time() -> None:
    calls: list[str] = []

    def told(name: str) -> Callable[[Any], Any]:
        def tell(value: Any) -> Any:
            calls.append(name)
            return value

        return tell

    class Inner(BaseModel):
        inner: Annotated[int, AfterValidator(told("inner"))]

    class Told(BaseModel):
        before: Annotated[int, BeforeValidator(told("before"))]
        after: Annotated[list[int], AfterValidator(told("after"))]
        nested: Annotated[dict[str, Annotated[int, AfterValidator(told("within"))]], Field()]
        model: Inner

        @model_validator(mode="after")
        def _whole(self) -> Told:
            calls.append("whole")
            return self

    def title(params: Told) -> str:
        return f"{params.before} of {params.after}"

    kind = kind_of(Told, title)
    given = {"before": 1, "after": [2], "nested": {"a": 3}, "model": {"inner": 4}}
    kept = kind.validated(given)
    assert kind.title_of(kept.model) == "1 of [2]"
    kind.call(kept.params, kept.arguments)

    assert sorted(calls) == ["after", "before", "inner", "whole", "within"]


def test_what_was_valid_once_is_valid(tmp_path: Path) -> None:
    class Soon(BaseModel):
        at: FutureDatetime
        file: FilePath

    there = tmp_path / "there"
    there.touch()
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)
    kind = kind_of(Soon)
    kept = kind.validated({"at": soon.isoformat(), "file": str(there)})
    passed = kept.params | {"at": (soon - dt.timedelta(days=1)).isoformat()}
    there.unlink()

    assert kind.call(passed, kept.arguments).at < dt.datetime.now(dt.UTC)


def test_what_is_shown_leaves_out_what_its_author_leaves_out() -> None:
    kept = kind_of(Hidden).validated({"token": "t"})

    assert kept.params == {"rows": 1}
    assert kind_of(Lossy).validated({"day": "2026-01-02"}).params["day"] == "02.01.2026"
    assert kind_of(Summed).validated({"rows": 2}).params == {"params": "6 cells"}


def test_what_json_makes_something_else_of_is_refused_by_field() -> None:
    class Odd(BaseModel):
        rows: int
        odd: Annotated[Any, AfterValidator(float)] = Field(exclude=True)

    class Raw(BaseModel):
        rows: int
        raw: Annotated[bytes, AfterValidator(lambda raw: b"\xff" + raw)]

    for model, name in ((Odd, "odd"), (Raw, "raw")):
        with pytest.raises(BadParameters) as refused:
            kind_of(model).validated({"rows": 1, name: "nan"})
        assert list(refused.value.fields) == [name]
    with pytest.raises(BadParameters) as refused:
        kind_of(Odd).validated({"rows": 1, "odd": "nan"})
    assert refused.value.fields == {"odd": UNKEPT}


def test_half_a_letter_is_refused_by_field() -> None:
    for asked in ({"anything": ["half \ud800"]}, {"anything": {"\udc00": 1}}):
        with pytest.raises(BadParameters) as refused:
            kind_of(Typed).validated(asked)
        assert list(refused.value.fields) == ["anything"]
    assert kind_of(Open).validated({"more": "\\ud800 in words"}).arguments is None


def test_parameters_of_an_earlier_version_are_read_as_their_author_reads_them() -> None:
    class German(BaseModel):
        day: dt.date
        rows: int = 10

        @field_validator("day", mode="before")
        @classmethod
        def _german(cls, day: Any) -> Any:
            return dt.datetime.strptime(day, "%d.%m.%Y").date() if "." in str(day) else day

    assert kind_of(German).call({"day": "02.01.2026"}) == German(day=dt.date(2026, 1, 2))
    assert kind_of(WithTax).call({"price": 120}).price == 120


def test_a_field_that_a_model_has_got_since_has_its_default_and_nothing_is_made_twice() -> None:
    class Taxed(WithTax):
        currency: str = "EUR"

    class Secretive(Hidden):
        retries: int = 3

    hidden = kind_of(Hidden).validated({"token": "t"})

    assert kind_of(Taxed).call({"price": 120}) == Taxed.model_construct(price=120, currency="EUR")
    got = kind_of(Secretive).call(hidden.params, hidden.arguments)
    assert (got.token, got.rows, got.retries) == ("t", 1, 3)


def test_a_default_that_is_hidden_and_drawn_is_drawn_once() -> None:
    class Dice(BaseModel):
        day: dt.date = Field(default_factory=dt.date.today, exclude=True)

    kept = kind_of(Dice).validated({})

    assert kept.params == {}
    assert json.loads(kept.arguments or "") == {"day": dt.date.today().isoformat()}


def test_titles_that_nobody_sees_are_the_kinds_name() -> None:
    for blank in ("", "  ", "\u200b\n", "\u2028", None):
        assert kind_of(Open, lambda _, blank=blank: blank).title_of(Open()) == "Any"
    assert kind_of(Open, " ").title_of(Open()) == "Any"
    assert kind_of(Open, lambda params: params.rows).title_of(Open()) == "1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        ([1], (1,)),
        ({1}, {1.0}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (Cat(), Cat(lives=8)),
        (Colour("red"), Colour("blue")),
        (Range(1, 2), Range(1, 3)),
        (dt.datetime(2026, 1, 1, tzinfo=BERLIN), dt.datetime.fromisoformat("2026-01-01T00+01:00")),
        (Decimal(1), 1),
    ],
)
def test_what_somebody_could_tell_apart_is_not_the_same(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert same(one, one)
