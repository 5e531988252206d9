"""A kind of job: its function, parameters and defaults."""

from __future__ import annotations

import inspect
import logging
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import AliasChoices, BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from headway.errors import BadParameters
from headway.kinds.arguments import Arguments
from headway.kinds.validation_messages import unsayable, validation_messages
from headway.model.record import JsonDict, dumps, safe_text

Title = str | Callable[[Any], str]

# Longest title of a job, in characters: one line of the list.
TITLE_CHARACTERS = 120

NO_JSON = "This cannot be kept as JSON."

# How JSON says half of a surrogate pair.
HALF_LETTER = r"\ud"

# Unicode's categories of invisible characters: a link of these alone cannot be clicked.
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Mn", "Zl", "Zp", "Zs"})

# Kinds whose title could not be made, which the log already says.
_untitled: set[str] = set()

log = logging.getLogger(__name__)


class ParamsSchema(GenerateJsonSchema):
    """The JSON schema of a kind's parameters, with a format for a date and time without a zone."""

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        """Return `date-time-local`, OpenAPI's name for it, instead of RFC 3339's `date-time`."""
        naive = schema.get("tz_constraint") == "naive"
        return super().datetime_schema(schema) | ({"format": "date-time-local"} if naive else {})


class NoParams(BaseModel, extra="forbid"):
    """The parameters of a kind that takes none."""


@dataclass(frozen=True)
class Kind:
    """A function that can be a job, with its parameters' model and its limits."""

    name: str
    function: Callable[..., Any]
    params: type[BaseModel]
    takes_params: bool
    queue: str
    timeout_seconds: int | None
    max_attempts: int
    title: Title
    preload: tuple[str, ...] = ()

    def validated(self, params: Any) -> Validated:
        """Validate the parameters, once for the whole life of a job.

        A name that the model does not know is refused unless its author configured `extra`: it is
        probably misspelt, and the default would silently be used. A value that would be another
        one when the job runs is refused too. Raises BadParameters by field.
        """
        try:
            model = self.params.model_validate(params)
        except ValidationError as error:
            raise BadParameters(validation_messages(error)) from None
        self._refuse_unknown(params)
        shown = _shown(model)
        return Validated(self, model, shown, self._arguments.kept(model, _text_of(shown)))

    def call(self, params: JsonDict, arguments: str | None = None) -> Any:
        """Run the function with the parameters that were kept."""
        if not self.takes_params:
            return self.function()
        return self.function(self._arguments.read(params, arguments))

    def prepare(self) -> None:
        """Build what reads parameters back, before the forks: it takes 0.2 ms."""
        if self.params.__pydantic_complete__:
            self._arguments.prepare()

    @property
    def label(self) -> str:
        """The kind's name for people."""
        return (
            self.title
            if isinstance(self.title, str) and _is_visible(self.title)
            else humanize(self.name)
        )

    def title_of(self, params: BaseModel) -> str:
        """A job's title, such as "Portrait of Ada"; without one, the kind's name."""
        try:
            made = self.title(params) if callable(self.title) else self.title
            title = "" if made is None else safe_text(made, TITLE_CHARACTERS)
        except Exception:  # an author's function may raise anything; the job can run without
            if self.name not in _untitled:
                _untitled.add(self.name)
                log.exception("the title of a job of kind %s cannot be made", self.name)
            title = ""
        return title if _is_visible(title) else humanize(self.name)

    def _refuse_unknown(self, params: Any) -> None:
        if self.params.model_config.get("extra") is None and isinstance(params, dict):
            unknown = params.keys() - _names(self.params)
            if unknown:
                raise BadParameters({str(name): "There is no such parameter." for name in unknown})

    @cached_property
    def _arguments(self) -> Arguments:
        return Arguments(self.params)

    @cached_property
    def schema(self) -> JsonDict:
        """The parameters' JSON schema; callers must not change it."""
        return self.params.model_json_schema(schema_generator=ParamsSchema)

    def to_json(self) -> JsonDict:
        """The kind as the API shows it."""
        return {
            "name": self.name,
            "title": self.label,
            "description": inspect.getdoc(self.function) or "",
            "queue": self.queue,
            "timeout_seconds": self.timeout_seconds,
            "max_attempts": self.max_attempts,
            "schema": self.schema,
        }


@dataclass(frozen=True, slots=True)
class Validated:
    """Validated parameters: the model made of them, and how it is shown and kept."""

    kind: Kind
    model: BaseModel
    params: JsonDict
    arguments: str | None


def humanize(name: str) -> str:
    """A kind's name in words: `send_mail` becomes `Send mail`."""
    return name.replace("_", " ").replace("-", " ").capitalize()


# Parameters are shown under the fields' own names, for one field's alias may be another's name;
# and in the form from which they can be made again.
def _shown(model: BaseModel) -> JsonDict:
    try:
        shown = model.model_dump(mode="json", by_alias=False, round_trip=True, warnings="none")
    except Exception:  # noqa: BLE001  # hundreds of brackets deep, or an author's own serializer
        fields = [name for name in type(model).model_fields if not _can_be_shown(model, name)]
        raise BadParameters(dict.fromkeys(fields or ["params"], NO_JSON)) from None
    return shown if isinstance(shown, dict) else {"params": shown}  # by a serializer of its own


def _text_of(shown: JsonDict) -> str:
    try:
        text = dumps(shown)
    except (ValueError, RecursionError):
        raise BadParameters(unsayable(shown)) from None
    if HALF_LETTER in text and (found := unsayable(shown)):
        raise BadParameters(found)
    return text


def _can_be_shown(model: BaseModel, name: str) -> bool:
    try:
        model.model_dump(mode="json", include={name}, warnings="none")
    except Exception:  # noqa: BLE001  # as above
        return False
    return True


def _is_visible(text: str) -> bool:
    return any(unicodedata.category(character) not in INVISIBLE for character in text)


def _names(model: type[BaseModel]) -> set[str]:
    """The names under which a model's fields may be given."""
    names: set[str] = set()
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        if alias is None or model.model_config.get("validate_by_name"):
            names.add(name)
        if isinstance(alias, str):
            names.add(alias)
        elif alias is not None:
            paths = alias.choices if isinstance(alias, AliasChoices) else [alias]
            names |= {path if isinstance(path, str) else str(path.path[0]) for path in paths}
    return names
