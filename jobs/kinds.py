"""A kind: a function that can be a job, what it takes, and how its jobs are called."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import AliasChoices, BaseModel, ValidationError

from jobs.errors import BadParameters
from jobs.params_schema import ParamsSchema
from jobs.problems import endless, problems
from jobs.records import JsonDict, plain

Title = str | Callable[[Any], str]

# Longest title of a job, in characters: a line on the list.
TITLE_CHARACTERS = 120

# Kinds of which the log says already that their title cannot be made.
_untitled: set[str] = set()

log = logging.getLogger(__name__)


class NoParams(BaseModel, extra="forbid"):
    """The parameters of a kind that takes none."""


@dataclass(frozen=True, slots=True)
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

    def validated(self, params: Any) -> JsonDict:
        """The parameters as JSON with defaults filled in. Raises BadParameters by field.

        A name that the model does not know is refused, unless its author configured `extra`: it
        is most likely misspelt, and the default would be taken in silence.
        """
        try:
            valid = self._stored(self.params.model_validate(params))
        except ValidationError as error:
            raise BadParameters(problems(error)) from None
        except ValueError:  # hundreds of brackets deep, or an author's own serializer
            raise BadParameters({"params": "This cannot be kept as JSON."}) from None
        if found := endless(valid):
            raise BadParameters(found)
        if self.params.model_config.get("extra") is None and isinstance(params, dict):
            unknown = params.keys() - _names(self.params)
            if unknown:
                raise BadParameters({str(name): "There is no such parameter." for name in unknown})
        return valid

    def made_up(self, params: Any) -> frozenset[str]:
        """Which parameters are others each time, as a number drawn when none is given.

        Raises BadParameters.
        """
        once, again = self.validated(params), self.validated(params)
        return frozenset(name for name in once if once[name] != again.get(name))

    def call(self, params: JsonDict) -> Any:
        """Run the function with parameters as they were stored."""
        return self.function(self._read(params)) if self.takes_params else self.function()

    @property
    def label(self) -> str:
        """What a person calls this kind."""
        return self.title if isinstance(self.title, str) else words(self.name)

    def title_of(self, params: JsonDict) -> str:
        """What a person calls this job, as "Portrait of Ada"."""
        if not callable(self.title):
            return self.title
        try:
            return plain(self.title(self._read(params)), TITLE_CHARACTERS)
        except Exception:  # an author's function may raise anything; the job can run without
            if self.name not in _untitled:
                _untitled.add(self.name)
                log.exception("the title of a job of kind %s cannot be made", self.name)
            return words(self.name)

    # They are stored by the fields' own names, whatever the API calls them: one field's alias may
    # be another one's name. And as what they are made from, so that they can be read again.
    def _stored(self, params: BaseModel) -> JsonDict:
        return params.model_dump(mode="json", by_alias=False, round_trip=True)

    def _read(self, params: JsonDict) -> BaseModel:
        return self.params.model_validate(params, by_alias=False, by_name=True)

    def to_json(self) -> JsonDict:
        """The kind as the API shows it."""
        return {
            "name": self.name,
            "title": self.label,
            "description": inspect.getdoc(self.function) or "",
            "queue": self.queue,
            "timeout_seconds": self.timeout_seconds,
            "max_attempts": self.max_attempts,
            "schema": self.params.model_json_schema(schema_generator=ParamsSchema),
        }


def words(name: str) -> str:
    """A kind's name as people write it."""
    return name.replace("_", " ").replace("-", " ").capitalize()


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
