"""What a pickle holds, read without unpickling it: nothing of it runs, and its size is bounded.

A pickle is a program for a small stack machine. This one knows the plain values and containers;
where the program would import or call something, it puts a `Thing` that says what was meant.
"""

from __future__ import annotations

import itertools
import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# A larger pickle, in bytes and in steps of its program, is not read.
MAX_BYTES = 1_000_000
MAX_STEPS = 20_000
MAX_NAME_CHARACTERS = 200


class Unreadable(Exception):
    """These bytes cannot be read; the message names them in a few words."""


class Pairs(list[tuple[Any, Any]]):
    """A dict's items: in a real dict, a hostile key would take forever to hash."""


@dataclass(slots=True, eq=False)
class Thing:
    """What only code could make: its dotted name, what it would be called with, and its state."""

    name: str
    args: tuple[Any, ...] = ()
    state: Any = None


def read_pickle(data: bytes) -> Any:
    """The value that a pickle holds; in it are tuples, lists, `Pairs` and `Thing`s.

    A value may contain itself. Raises Unreadable.
    """
    try:
        if len(data) <= MAX_BYTES:
            return _Machine().run(data)
    except Exception as error:
        raise Unreadable(f"a pickle of {len(data)} bytes") from error
    raise Unreadable(f"a pickle of {len(data)} bytes")


_LITERALS = frozenset(
    """INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING
    BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8 UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8
    """.split()
)
_MADE: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_SET": list,
    "EMPTY_DICT": Pairs,
    "NEXT_BUFFER": lambda: Thing("buffer"),
}
_IGNORED = frozenset({"PROTO", "FRAME", "READONLY_BUFFER"})


class _Machine:
    """The stack, what is below its last mark, and the memo; a method for each opcode."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self._below: list[list[Any]] = []
        self._memo: dict[int, Any] = {}

    def run(self, data: bytes) -> Any:
        """What the program leaves. Raises any exception where it is wrong, or too long."""
        for opcode, argument, _ in itertools.islice(pickletools.genops(data), MAX_STEPS):
            if opcode.name == "STOP":
                return self.stack[-1]
            self._step(opcode.name, argument)
        raise Unreadable

    def _step(self, name: str, argument: Any) -> None:
        if name in _LITERALS:
            self.stack.append(argument)
        elif name in _MADE:
            self.stack.append(_MADE[name]())
        elif name not in _IGNORED:
            getattr(self, f"_{name.lower()}")(argument)

    def _since_mark(self) -> list[Any]:
        found, self.stack = self.stack, self._below.pop()
        return found

    def _mark(self, _: None) -> None:
        self._below.append(self.stack)
        self.stack = []

    def _pop(self, _: None) -> None:
        if self.stack:
            self.stack.pop()
        else:
            self._since_mark()

    def _pop_mark(self, _: None) -> None:
        self._since_mark()

    def _dup(self, _: None) -> None:
        self.stack.append(self.stack[-1])

    def _put(self, slot: int) -> None:
        self._memo[slot] = self.stack[-1]

    def _memoize(self, _: None) -> None:
        self._put(len(self._memo))

    def _get(self, slot: int) -> None:
        self.stack.append(self._memo[slot])

    _binput = _long_binput = _put
    _binget = _long_binget = _get

    def _last_as_tuple(self, size: int) -> None:
        found = tuple(self.stack.pop() for _ in range(size))
        self.stack.append(found[::-1])

    def _tuple1(self, _: None) -> None:
        self._last_as_tuple(1)

    def _tuple2(self, _: None) -> None:
        self._last_as_tuple(2)

    def _tuple3(self, _: None) -> None:
        self._last_as_tuple(3)

    def _tuple(self, _: None) -> None:
        found = self._since_mark()
        self.stack.append(tuple(found))

    def _list(self, _: None) -> None:
        found = self._since_mark()
        self.stack.append(found)

    _frozenset = _list

    def _dict(self, _: None) -> None:
        found = self._since_mark()
        self.stack.append(Pairs())
        self._set(found)

    def _append(self, _: None) -> None:
        self._add([self.stack.pop()])

    def _appends(self, _: None) -> None:
        self._add(self._since_mark())

    _additems = _appends

    def _setitem(self, _: None) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._set([key, value])

    def _setitems(self, _: None) -> None:
        self._set(self._since_mark())

    def _add(self, values: list[Any]) -> None:
        if type(self.stack[-1]) is list:
            self.stack[-1].extend(values)

    def _set(self, values: list[Any]) -> None:
        if isinstance(self.stack[-1], Pairs):
            self.stack[-1].extend(zip(values[::2], values[1::2], strict=True))

    def _global(self, module_and_name: str) -> None:
        self.stack.append(Thing(_dotted(module_and_name)))

    def _stack_global(self, _: None) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.stack.append(Thing(f"{module:.99}.{name:.99}"))

    def _persid(self, _: str | None) -> None:
        self.stack.append(Thing("persistent id"))

    def _binpersid(self, _: None) -> None:
        self.stack[-1] = Thing("persistent id")

    def _ext1(self, _: int) -> None:
        self.stack.append(Thing("extension"))

    _ext2 = _ext4 = _ext1

    def _reduce(self, _: None) -> None:
        args, function = self.stack.pop(), self.stack.pop()
        self.stack.append(_called(function, args))

    _newobj = _reduce

    def _newobj_ex(self, _: None) -> None:
        named, args, function = self.stack.pop(), self.stack.pop(), self.stack.pop()
        made = _called(function, args)
        if isinstance(made, Thing):
            made.state = named
        self.stack.append(made)

    def _inst(self, module_and_name: str) -> None:
        args = self._since_mark()
        self.stack.append(Thing(_dotted(module_and_name), tuple(args)))

    def _obj(self, _: None) -> None:
        function, *args = self._since_mark()
        self.stack.append(_called(function, tuple(args)))

    def _build(self, _: None) -> None:
        state = self.stack.pop()
        if isinstance(self.stack[-1], Thing):
            self.stack[-1].state = state


def _dotted(module_and_name: str) -> str:
    return module_and_name[:MAX_NAME_CHARACTERS].replace(" ", ".", 1)


def _called(function: Any, args: Any) -> Any:
    """What a call would make: in the older protocols, plain containers are called as well.

    Nothing is copied: a hostile program would make thousands of large copies.
    """
    name = function.name.replace("__builtin__", "builtins").replace("copy_reg", "copyreg")
    match name, args:
        case ("builtins.set" | "builtins.frozenset" | "collections.Counter", (list() as members,)):
            return members
        case ("_codecs.encode" | "builtins.bytearray", (str() | bytes() as content, *_)):
            return Thing(f"{len(content)} bytes")
        case ("copyreg._reconstructor", (Thing() as made, *_)):
            return Thing(made.name)
        case ("collections.OrderedDict" | "collections.defaultdict", _):
            return Pairs()
    return Thing(name, args if isinstance(args, tuple) else ())
