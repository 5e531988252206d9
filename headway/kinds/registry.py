"""The registry of kinds: which functions can be jobs."""

from __future__ import annotations

import importlib.util
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel

from headway.errors import BadSetting, UnknownKind
from headway.kinds.kind import Kind, NoParams, Title, humanize
from headway.kinds.secret_fields import secret_in
from headway.model.record import safe_text

Function = TypeVar("Function", bound=Callable[..., Any])

CHECKOUT = Path(__file__).parents[2]
DEFAULT_QUEUE = "default"

_kinds: dict[str, Kind] = {}


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

    `timeout` is in seconds (None: the setting's); `title` is a job's name for people, or makes it
    of the parameters; `preload` names modules that the function imports and that a worker loads
    ahead of time. Raises TypeError for another signature and for a secret among the parameters,
    ValueError for a name that another function has.
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
            title=title or humanize(name),
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


def find(name: str) -> Kind:
    """The kind of this name. Raises UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(
            f"There is no kind of job named {safe_text(name, 100)!r}."
            f" There are: {', '.join(_kinds)}. Restart web and workers to load a new one."
        ) from None


def load_kinds(modules: tuple[str, ...] = (), *, examples: bool = True) -> list[str]:
    """Import what stands under `jobs/` of a checkout, and `modules`; returns all their names.

    Without `examples`, those that `jobs.EXAMPLES` names are left out. Raises BadSetting for a
    module that is not there, and TypeError for a secret among the parameters of a kind whose model
    names what was imported after it.
    """
    own = _of_checkout(examples=examples)
    for module in own:
        importlib.import_module(module)
    for module in modules:
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module}.".startswith(f"{error.name}."):
                raise  # the module is there; what it imports is not
            raise BadSetting(
                f"KINDS: there is no module {module!r} on the Python path; PYTHONPATH may name its"
                " folder. Example: KINDS=my.jobs"
            ) from None
    for each in kinds():
        if not each.params.__pydantic_complete__:
            each.params.model_rebuild(raise_errors=False)
            if each.params.__pydantic_complete__:
                _refuse_secrets(each.function, each.params)
    return list(dict.fromkeys([*own, *modules]))


def _of_checkout(*, examples: bool) -> list[str]:
    # Outside a checkout, `jobs` is an application's own module: no name is more common.
    spec = importlib.util.find_spec("jobs")
    ours = CHECKOUT / "jobs" / "__init__.py"
    is_ours = (
        spec is not None and spec.origin == str(ours) and (CHECKOUT / "run_worker.py").exists()
    )
    if not is_ours:
        return []
    left_out = () if examples else importlib.import_module("jobs").EXAMPLES
    found = (module.name for module in pkgutil.iter_modules([str(ours.parent)]))
    return [f"jobs.{name}" for name in found if name not in left_out]


def _params_model(function: Callable[..., Any]) -> type[BaseModel] | None:
    parameters = list(inspect.signature(function).parameters.values())
    if not parameters:
        return None
    hint = get_type_hints(function).get(parameters[0].name)
    if len(parameters) > 1 or not (isinstance(hint, type) and issubclass(hint, BaseModel)):
        raise TypeError(f"{function.__qualname__}: a kind takes one pydantic model or nothing")
    if hint.__pydantic_root_model__:
        raise TypeError(f"{function.__qualname__}: the parameters of a kind have names")
    if hint.__pydantic_complete__:  # else `load_kinds` looks, when all is imported
        _refuse_secrets(function, hint)
    return hint


def _refuse_secrets(function: Callable[..., Any], model: type[BaseModel]) -> None:
    name = secret_in(model)
    if name is not None:
        # Pydantic dumps it as stars, which the job would get; and parameters are shown.
        said = "cannot be a secret: parameters are stored and shown. Pass the name of one"
        raise TypeError(f"{function.__qualname__}: {name} {said}")


def _place(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
