"""The painter: from a person's words, or a photo, to a finished portrait.

`Painter` is the whole interface: a diffusion model or an image service takes the place of
`StudioPainter` by keeping it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from PIL import Image

from jobs.character.background import paint_background
from jobs.character.canvas import WHITE, Picture, Progress, part
from jobs.character.chance import Chance
from jobs.character.description import choose
from jobs.character.drawing import draw
from jobs.character.figure import model
from jobs.character.parameters import ArtStyle
from jobs.character.person import Person
from jobs.character.photo import develop, read_photo
from jobs.character.steps import Step, Watch
from jobs.character.styles import STYLES

# The sides of a portrait and of its thumbnail, in pixels.
PORTRAIT, THUMBNAIL = 768, 192

# How much of the sketch's work is drawing; the rest is light and shade.
DRAWING = 0.5


@dataclass(frozen=True, slots=True)
class Portrait:
    """A finished portrait: two PNG files, and in words what can be seen."""

    png: bytes
    thumbnail: bytes
    size: int
    words: dict[str, str] = field(default_factory=dict)


class Painter(Protocol):
    """Portrays a person."""

    def paint(self, person: Person, style: ArtStyle, photo: bytes | None, watch: Watch) -> Portrait:
        """A portrait from the person's words, or of the photo when there is one.

        `watch` hears every step of it. Raises BadPhoto for a photo that cannot be used.
        """


@dataclass(frozen=True, slots=True)
class StudioPainter:
    """The built-in painter: draws or develops, then paints; `size` is the portrait's side."""

    size: int = PORTRAIT

    def paint(self, person: Person, style: ArtStyle, photo: bytes | None, watch: Watch) -> Portrait:
        """See Painter; the same words, style and photo make the same bytes."""
        if photo is None:
            picture, seed, words = self._imagine(person, watch)
        else:
            picture, seed, words = self._develop(person, photo, watch)
        painted = STYLES[style](picture, seed, _telling(watch, Step.PAINT))
        return self._framed(painted, words, watch)

    def _imagine(self, person: Person, watch: Watch) -> tuple[Picture, int, dict[str, str]]:
        look = choose(person)
        sketch = _telling(watch, Step.SKETCH)
        layers = draw(look, self.size, part(sketch, 0, DRAWING))
        figure = model(layers, look.shoulders, look.seed, part(sketch, DRAWING, 1))
        background = paint_background(
            look.scene, look.palette, self.size, look.seed, _telling(watch, Step.BACKGROUND)
        )
        return figure.before(background), look.seed, look.words

    def _develop(
        self, person: Person, photo: bytes, watch: Watch
    ) -> tuple[Picture, int, dict[str, str]]:
        picture = read_photo(photo, self.size, _telling(watch, Step.READ))
        picture = develop(picture, _telling(watch, Step.DEVELOP))
        return picture, Chance(person.identity).whole("seed") % 2**31, {"photo": "the photo sent"}

    def _framed(self, painted: Picture, words: dict[str, str], watch: Watch) -> Portrait:
        watch(Step.FRAME, 0, "Framing the portrait")
        image = Image.fromarray((np.clip(painted, 0, 1) * WHITE + 0.5).astype(np.uint8))
        png = _png(image)
        watch(Step.FRAME, 0.8, "Making the thumbnail")
        thumbnail = _png(image.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS))
        watch(Step.FRAME, 1, "Done")
        return Portrait(png, thumbnail, self.size, words)


def _telling(watch: Watch, step: Step) -> Progress:
    def tell(done: float, doing: str) -> None:
        watch(step, done, doing)

    return tell


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
