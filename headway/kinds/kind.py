"""A kind: a function that can be a job, what it takes, and how its jobs are called."""

from __future__ import annotations

import inspect
import logging
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import AliasChoices, BaseModel, ValidationError

from headway.errors import BadParameters
from headway.kinds.arguments import Arguments
from headway.kinds.params_schema import ParamsSchema
from headway.kinds.validation_messages import problems, unsayable
from headway.model.record import JsonDict, dumps, plain

Title = str | Callable[[Any], str]

# Longest title of a job, in characters: a line on the list.
TITLE_CHARACTERS = 120

NO_JSON = "This cannot be kept as JSON."

# How JSON says half of a surrogate pair.
HALF_LETTER = r"\ud"

# Unicode's categories of what nobody sees on a line: a link of such alone cannot be followed.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Mn", "Zl", "Zp", "Zs"})

# Kinds of which the log says already that their title cannot be made.
_untitled: set[str] = set()

log = logging.getLogger(__name__)


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
        """The parameters, validated: this once for the whole life of a job.

        A name that the model does not know is refused, unless its author configured `extra`: it
        is most likely misspelt, and the default would be taken in silence. So is a value that
        would be another one when the job runs. Raises BadParameters by field.
        """
        try:
            model = self.params.model_validate(params)
        except ValidationError as error:
            raise BadParameters(problems(error)) from None
        self._refuse_unknown(params)
        shown = _shown(model)
        return Validated(self, model, shown, self._arguments.kept(model, _text_of(shown)))

    def call(self, params: JsonDict, arguments: str | None = None) -> Any:
        """Run the function with parameters as they were kept."""
        if not self.takes_params:
            return self.function()
        return self.function(self._arguments.read(params, arguments))

    def prepare(self) -> None:
        """Make what reads parameters back, before the forks: it costs a work-horse 0.2 ms."""
        if self.params.__pydantic_complete__:
            self._arguments.prepare()

    @property
    def label(self) -> str:
        """What a person calls this kind."""
        return self.title if isinstance(self.title, str) and _seen(self.title) else words(self.name)

    def title_of(self, params: BaseModel) -> str:
        """What a person calls this job, as "Portrait of Ada"; the kind's name for nothing."""
        try:
            made = self.title(params) if callable(self.title) else self.title
            title = "" if made is None else plain(made, TITLE_CHARACTERS)
        except Exception:  # an author's function may raise anything; the job can run without
            if self.name not in _untitled:
                _untitled.add(self.name)
                log.exception("the title of a job of kind %s cannot be made", self.name)
            title = ""
        return title if _seen(title) else words(self.name)

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
        """The parameters' JSON schema; not to be changed by who gets it."""
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
    """Parameters that were validated: the model made of them, and how it is shown and kept."""

    kind: Kind
    model: BaseModel
    params: JsonDict
    arguments: str | None


def words(name: str) -> str:
    """A kind's name as people write it."""
    return name.replace("_", " ").replace("-", " ").capitalize()


# They are shown by the fields' own names, whatever the API calls them: one field's alias may be
# another one's name. And as what they are made from, for that says more.
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


def _seen(text: str) -> bool:
    return any(unicodedata.category(character) not in UNSEEN for character in text)


def _names(model: type[BaseModel]) -> set[str]:
    """What a model's fields may be called by whoever gives them."""
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
