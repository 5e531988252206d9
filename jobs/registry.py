"""The kinds: which functions can be jobs, and what they take. It runs none of them."""

from __future__ import annotations

import importlib
import inspect
import logging
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

from pydantic import AliasChoices, BaseModel, ValidationError

from jobs.errors import BadParameters, UnknownKind
from jobs.problems import problems
from jobs.records import JsonDict, plain
from jobs.settings import BadSetting

Function = TypeVar("Function", bound=Callable[..., Any])
Title = str | Callable[[Any], str]

DEFAULT_QUEUE = "default"
# Longest title of a job, in characters: a line on the list.
TITLE_CHARACTERS = 120

_kinds: dict[str, Kind] = {}
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
            valid = self.params.model_validate(params).model_dump(mode="json")
        except ValidationError as error:
            raise BadParameters(problems(error)) from None
        if self.params.model_config.get("extra") is None and isinstance(params, dict):
            unknown = params.keys() - _names(self.params)
            if unknown:
                raise BadParameters({str(name): "There is no such parameter." for name in unknown})
        return valid

    def call(self, params: JsonDict) -> Any:
        """Run the function with parameters as they were stored."""
        return self.function(self._read(params)) if self.takes_params else self.function()

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
            return _words(self.name)

    def _read(self, params: JsonDict) -> BaseModel:
        # They are stored by the fields' own names, whatever the API calls them.
        return self.params.model_validate(params, by_alias=True, by_name=True)

    def to_json(self) -> JsonDict:
        """The kind as the API shows it."""
        return {
            "name": self.name,
            "title": self.title if isinstance(self.title, str) else _words(self.name),
            "description": inspect.getdoc(self.function) or "",
            "queue": self.queue,
            "timeout_seconds": self.timeout_seconds,
            "max_attempts": self.max_attempts,
            "schema": self.params.model_json_schema(),
        }


def kind(
    name: str,
    *,
    queue: str = DEFAULT_QUEUE,
    timeout: int | None = None,
    max_attempts: int = 1,
    title: Title = "",
    preload: tuple[str, ...] = (),
) -> Callable[[Function], Function]:
    """Make a function a kind of job; its one parameter, if any, is a pydantic model.

    `timeout` is in seconds (None: the setting's); `title` names a job in words, or is a function
    of the parameters that does; `preload` names modules that the function imports and that a
    worker loads ahead of time. Raises TypeError for another signature, ValueError for a name
    that another function has.
    """

    def register(function: Function) -> Function:
        model = _params_model(function)
        made = Kind(
            name=name,
            function=function,
            params=model or NoParams,
            takes_params=model is not None,
            queue=queue,
            timeout_seconds=timeout,
            max_attempts=max_attempts,
            title=title or _words(name),
            preload=preload,
        )
        known = _kinds.get(name)
        if known and _place(known.function) != _place(function):
            places = f"{_place(known.function)} and {_place(function)}"
            raise ValueError(f"two functions want to be the kind {name!r}: {places}")
        _kinds[name] = made
        return function

    return register


def kinds() -> list[Kind]:
    """Every kind known to this process, by name."""
    return [_kinds[name] for name in sorted(_kinds)]


def is_kind(name: str) -> bool:
    """True for a kind known to this process."""
    return name in _kinds


def find(name: str) -> Kind:
    """The kind of this name. Raises UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(
            f"There is no kind of job named {plain(name, 100)!r}. There are: {', '.join(_kinds)}."
            " A new one is known once web and worker were started again."
        ) from None


def load_kinds(modules: tuple[str, ...] = ()) -> None:
    """Import what stands under `jobs/`, so that a new kind is one new file, and `modules`.

    Raises BadSetting for a module that is not there.
    """
    package = importlib.import_module("jobs")
    for found in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"jobs.{found.name}")
    for module in modules:
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module}.".startswith(f"{error.name}."):
                raise  # the module is there; what it imports is not
            raise BadSetting(
                f"KINDS: there is no module {module!r} on the Python path. Example: KINDS=my.jobs"
            ) from None


def _params_model(function: Callable[..., Any]) -> type[BaseModel] | None:
    parameters = list(inspect.signature(function).parameters.values())
    if not parameters:
        return None
    hint = get_type_hints(function).get(parameters[0].name)
    if len(parameters) > 1 or not (isinstance(hint, type) and issubclass(hint, BaseModel)):
        raise TypeError(f"{function.__qualname__}: a kind takes one pydantic model or nothing")
    return hint


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


def _place(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()
