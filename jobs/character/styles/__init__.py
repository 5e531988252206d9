"""The art styles: each a pure function from a picture and a seed to the picture in that style."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from jobs.character.canvas import Picture, Progress
from jobs.character.parameters import ArtStyle
from jobs.character.styles import cartoon, oil, pencil, pixel_art, pop_art, watercolor

Style: TypeAlias = Callable[[Picture, int, Progress], Picture]

STYLES: dict[ArtStyle, Style] = {
    ArtStyle.CARTOON: cartoon.paint,
    ArtStyle.WATERCOLOR: watercolor.paint,
    ArtStyle.OIL: oil.paint,
    ArtStyle.PENCIL: pencil.paint,
    ArtStyle.PIXEL_ART: pixel_art.paint,
    ArtStyle.POP_ART: pop_art.paint,
}
