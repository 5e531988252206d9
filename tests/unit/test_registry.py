"""The kinds: which functions can be one, and what they are asked with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import (
    AliasChoices,
    BaseModel,
    Field,
    Json,
    RootModel,
    SecretBytes,
    SecretStr,
    computed_field,
    create_model,
    field_validator,
)

from headway.client import new_record
from headway.errors import BadParameters, BadSetting, UnknownKind
from headway.kinds import registry
from headway.kinds.kind import TITLE_CHARACTERS, Kind
from headway.kinds.registry import find, kinds, load_kinds
from jobs import kind


class Rows(BaseModel):
    """How many rows."""

    rows: int = Field(10, ge=1)
    names: list[str] = []

    @field_validator("names")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        if "nobody" in names:
            raise ValueError("nobody is nobody")
        return names


@pytest.fixture(autouse=True)
def _registry_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    monkeypatch.setattr("headway.kinds.kind._untitled", set())
    yield


def test_a_function_with_a_model_is_a_kind_and_stays_a_function() -> None:
    @kind("rows.import", queue="imports", timeout=60, max_attempts=3)
    def import_rows(params: Rows) -> int:
        return params.rows

    found = find("rows.import")

    assert import_rows(Rows(rows=2)) == 2
    assert found.call({"rows": 3}) == 3
    assert (found.queue, found.timeout_seconds, found.max_attempts) == ("imports", 60, 3)
    assert found.validated({}).params == {"rows": 10, "names": []}
    assert new_record("rows.import", {}).title == "Rows.import"


def test_a_function_without_parameters_is_a_kind_and_takes_none() -> None:
    @kind("tidy_up")
    def tidy_up() -> str:
        return "tidy"

    assert find("tidy_up").call({}) == "tidy"
    assert new_record("tidy_up", {}).title == "Tidy up"
    with pytest.raises(BadParameters) as refused:
        find("tidy_up").validated({"x": 1})
    assert list(refused.value.fields) == ["x"]


def test_a_title_may_be_made_from_the_parameters() -> None:
    @kind("rows", title=lambda params: f"{params.rows} rows" * 100)
    def rows(params: Rows) -> None: ...

    title = new_record("rows", {"rows": 7}).title

    assert title.startswith("7 rows")
    assert len(title) == TITLE_CHARACTERS


def test_a_title_that_cannot_be_made_is_the_kinds_name_and_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @kind("import_rows", title=lambda params: f"{params.no_such} rows")
    def import_rows(params: Rows) -> None: ...

    titles = {new_record("import_rows", {"rows": rows}).title for rows in (1, 2)}

    assert titles == {"Import rows"}
    assert [record.getMessage() for record in caplog.records] == [
        "the title of a job of kind import_rows cannot be made"
    ]


def test_another_signature_is_refused_where_it_is_written() -> None:
    def two(a: Rows, b: Rows) -> None: ...
    def untyped(a) -> None: ...  # type: ignore[no-untyped-def]  # what is tested
    def plain(a: int) -> None: ...
    def anything(a: Any) -> None: ...

    for function in (two, untyped, plain, anything):
        with pytest.raises(TypeError, match="one pydantic model or nothing"):
            kind("odd")(function)


def test_a_secret_parameter_is_refused_where_it_is_written() -> None:
    class Login(BaseModel):
        password: SecretStr | None = None

    def log_in(params: Login) -> None: ...

    log_in.__annotations__["params"] = Login  # a local name cannot be looked up
    with pytest.raises(TypeError, match="password cannot be a secret"):
        kind("log_in")(log_in)


class Account(BaseModel):
    """Holds a secret, one level down."""

    password: SecretStr = SecretStr("")


@dataclass
class Credentials:
    """A dataclass that holds one."""

    key: SecretBytes


@pytest.mark.parametrize(
    "hint",
    [
        Account,
        list[Account],
        dict[str, SecretStr],
        tuple[int, SecretStr],
        int | Account | None,
        Annotated[list[SecretStr], Field(max_length=3)],
        Credentials,
    ],
    ids=str,
)
def test_a_secret_at_any_depth_is_refused_where_it_is_written(hint: Any) -> None:
    model = create_model("Params", holder=(hint, ...))

    def log_in(params: Any) -> None: ...

    log_in.__annotations__["params"] = model
    with pytest.raises(TypeError, match=r"holder(\.\w+)? cannot be a secret"):
        kind("log_in")(log_in)


def test_a_model_that_is_no_set_of_parameters_is_refused_where_it_is_written() -> None:
    def add_up(params: Any) -> None: ...

    add_up.__annotations__["params"] = RootModel[list[int]]
    with pytest.raises(TypeError, match="the parameters of a kind have names"):
        kind("add_up")(add_up)


def test_a_name_belongs_to_one_function() -> None:
    def first() -> None: ...
    def second() -> None: ...

    kind("taken")(first)
    kind("taken")(first)  # a module that is imported anew

    with pytest.raises(ValueError, match=r"'taken': .*first and .*second"):
        kind("taken")(second)


def test_functions_of_one_name_in_two_modules_are_two_and_both_are_named() -> None:
    def run() -> None: ...

    kind("taken")(run)

    def other() -> None: ...

    other.__module__, other.__qualname__ = "elsewhere.jobs", run.__qualname__
    with pytest.raises(ValueError, match=r"test_registry\..* and elsewhere\.jobs\."):
        kind("taken")(other)


def test_an_unknown_kind_is_told_by_its_name() -> None:
    with pytest.raises(UnknownKind, match="'nowhere'"):
        find("nowhere")


def test_bad_parameters_are_told_field_by_field() -> None:
    @kind("rows")
    def rows(params: Rows) -> None: ...

    with pytest.raises(BadParameters) as refused:
        find("rows").validated({"rows": 0, "names": ["nobody"]})

    assert refused.value.fields == {
        "rows": "Must be at least 1.",
        "names": "nobody is nobody",
    }


@pytest.mark.parametrize("params", [None, [], "rows", 7])
def test_parameters_that_are_no_object_are_told_as_such(params: Any) -> None:
    @kind("rows")
    def rows(params: Rows) -> None: ...

    with pytest.raises(BadParameters) as refused:
        find("rows").validated(params)

    assert list(refused.value.fields) == ["params"]


def test_a_misspelt_parameter_is_refused_and_an_alias_is_none() -> None:
    class Aliased(BaseModel):
        rows: int = Field(1, validation_alias=AliasChoices("rows", "lines"))
        width: int = Field(1, alias="columns")

    class Open(BaseModel, extra="ignore"):
        rows: int = 1

    def aliased(params: Aliased) -> int:
        return params.rows * params.width

    def opened(params: Open) -> None: ...

    for name, function, model in (("rows.aliased", aliased, Aliased), ("rows.open", opened, Open)):
        function.__annotations__["params"] = model  # local names cannot be looked up
        kind(name)(function)

    with pytest.raises(BadParameters) as refused:
        find("rows.aliased").validated({"lines": 2, "columns": 3, "colums": 4, "width": 5})

    assert set(refused.value.fields) == {"colums", "width"}
    assert find("rows.aliased").validated({"lines": 2, "columns": 3}).params == {
        "rows": 2,
        "width": 3,
    }
    assert find("rows.aliased").call({"rows": 2, "width": 3}) == 6
    assert find("rows.open").validated({"lines": 2}).params == {"rows": 1}


class Derived(BaseModel, extra="forbid"):
    """With a value that is made from the others."""

    rows: int = 1

    @computed_field  # type: ignore[prop-decorator]  # as pydantic says to write it
    @property
    def cells(self) -> int:
        return 2 * self.rows


class Parsed(BaseModel):
    """With a text that is read as JSON."""

    options: Json[dict[str, int]]


class Swapped(BaseModel):
    """With a name that is another one's alias."""

    name: str = Field(alias="title")
    title: str = Field("", alias="heading")


class ByAlias(BaseModel, serialize_by_alias=True):
    """That would be dumped by its aliases."""

    width: int = Field(alias="columns")


@pytest.mark.parametrize(
    ("model", "given"),
    [
        (Derived, {"rows": 2}),
        (Parsed, {"options": '{"depth": 3}'}),
        (Swapped, {"title": "Ada", "heading": "Portrait"}),
        (ByAlias, {"columns": 4}),
    ],
)
def test_a_job_gets_the_parameters_that_were_given_whatever_their_model(
    model: type[BaseModel], given: dict[str, Any]
) -> None:
    def run(params: BaseModel) -> BaseModel:
        return params

    run.__annotations__["params"] = model
    kind("any")(run)

    assert given_to(find("any"), given) == model.model_validate(given)


def given_to(kind: Kind, params: Any) -> Any:
    """What a kind's function gets for parameters that were kept and read back."""
    kept = kind.validated(params)
    return kind.call(kept.params, kept.arguments)


def test_a_module_of_kinds_that_is_not_there_is_named_with_its_setting() -> None:
    with pytest.raises(BadSetting, match=r"KINDS.*no\.such\.module"):
        load_kinds(("no.such.module",))


def test_kinds_are_told_by_name_with_their_schema() -> None:
    names = [each.name for each in kinds()]

    assert names == sorted(names)
    schema = find("toy.count").to_json()["schema"]
    assert schema["properties"]["to"] == {
        "default": 3, "maximum": 1_000_000, "minimum": 0, "title": "To", "type": "integer",
    }  # fmt: skip
