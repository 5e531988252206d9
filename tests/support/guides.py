"""The guides in `docs/guides`, read as a reader does: files to write, commands to type."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "guides"
# A heading, a line that is a file's name and what the block is to it, or a block.
_PART = re.compile(
    r"^## (?P<heading>[^\n]+)$"
    r"|^`(?P<file>[\w./]+)`(?: (?P<how>begins|ends) with)?:?\n\n```\w+\n(?P<text>.*?)^```$"
    r"|^```sh\n(?P<commands>.*?)^```$",
    re.M | re.S,
)
# The section of an application as it is; the others record.
NOTHING_CHANGED = "Nothing changed"


@dataclass(frozen=True)
class Command:
    """A line of a terminal."""

    line: str

    @property
    def stays(self) -> bool:
        """True for one that goes on beside the next."""
        return self.line.endswith("&")

    @property
    def serves(self) -> bool:
        """True for a worker, which the reader ends before the next section."""
        return "worker" in self.line

    @property
    def is_pips(self) -> bool:
        """True for one that changes what is installed."""
        return self.words[0] == "pip"

    @cached_property
    def words(self) -> list[str]:
        """The program and its arguments."""
        words = shlex.split(self.line.removesuffix("&"))
        return words[len(self.variables) :]

    @cached_property
    def variables(self) -> dict[str, str]:
        """What stands before the program, as NAME=value."""
        found: dict[str, str] = {}
        for word in shlex.split(self.line):
            name, is_one, value = word.partition("=")
            if not is_one or not name.isidentifier():
                break
            found[name] = value
        return found


@dataclass(frozen=True)
class File:
    """A file to write, or what one begins or ends with from then on."""

    name: str
    how: str | None
    text: str

    def write(self, folder: Path, ports: dict[str, int]) -> None:
        """Write it as it is there, but for the ports."""
        path = folder / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text() if self.how else ""
        own = moved(self.text, ports)
        path.write_text(before + own if self.how == "ends" else own + before)


@dataclass
class Section:
    """What a section has the reader write and type, in this order."""

    title: str
    steps: list[File | Command] = field(default_factory=list)

    @property
    def commands(self) -> list[Command]:
        """What is typed."""
        return [step for step in self.steps if isinstance(step, Command)]

    def only(self, program: str) -> Section:
        """The same with its files, but of the commands this program alone."""
        kept = [each for each in self.steps if isinstance(each, File) or program in each.line]
        return Section(self.title, kept)

    @property
    def packages(self) -> list[str]:
        """What it has pip install, but for Headway."""
        lines = [each.words for each in self.commands if each.words[:2] == ["pip", "install"]]
        return [word for words in lines for word in words[2:] if not word.startswith("DIST")]


def sections(name: str) -> list[Section]:
    """The sections of a guide; the first is what stands before them."""
    found = [Section("")]
    for part in _PART.finditer((FOLDER / f"{name}.md").read_text()):
        if part["heading"]:
            found.append(Section(part["heading"]))
        elif part["file"]:
            found[-1].steps.append(File(part["file"], part["how"], part["text"]))
        else:
            found[-1].steps += [Command(line) for line in part["commands"].splitlines()]
    return found


def moved(text: str, ports: dict[str, int]) -> str:
    """The text with the ports of a page in place of the ones that everybody uses."""
    for port, own in ports.items():
        text = re.sub(rf"\b{port}\b", str(own), text)
    return text
