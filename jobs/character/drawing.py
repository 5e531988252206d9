"""The drawing: a look as flat layers, made of python_avatars' shapes and painted by resvg.

Nothing a person typed reaches the markup: a look holds chosen shapes and colours only.
"""

from __future__ import annotations

import copy
import io
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
import resvg_py
from PIL import Image

from jobs.character.avatars import (
    AccessoryType,
    ClothingType,
    EyeType,
    FacialHairType,
    HairType,
    HatType,
    svg_of,
)
from jobs.character.canvas import WHITE, Picture, Plane, Progress
from jobs.character.features import SVG, SvgElement, marks, open_eyes
from jobs.character.framing import view_box
from jobs.character.look import Look

# A child's face sits lower in the head and has larger eyes: units down, and times as large.
CHILD_FACE_DOWN, CHILD_EYES = 5.0, 1.13

# The layers from the lowest up, with the group of the drawing that each consists of.
GROUPS = {
    "body": "transparent_Body",
    "clothes": "transparent_Clothing",
    "face": "transparent_Face",
    "beard": "_Facial-Hair",
    "hair": "transparent_Top",
    "glasses": "_Accessory",
}

# The ends of the names of areas that python_avatars colours.
COLOURED = ("_Skin-Color", "_Hair-Color", "_Fabric-Color", "_Facial-Hair-Color")

# Drawn from a bald head: the place for them there is always the same.
ON_BALD = frozenset({"beard", "glasses"})


@dataclass(frozen=True, slots=True)
class Layer:
    """One painted layer: its colours, and where it covers (0 to 1)."""

    name: str
    colour: Picture
    cover: Plane


def draw(look: Look, size: int, progress: Progress) -> list[Layer]:
    """The layers of a person, from the lowest to the topmost, each `size` × `size` pixels."""
    figure, bald = _figure(look), _bald(look)
    for drawing in (figure, bald):
        drawing.attrib.update(
            width="1", height="1", viewBox=view_box(look.hair.top, look.childlike)
        )
    layers = []
    worn = [name for name in GROUPS if _worn(name, look)]
    for number, name in enumerate(worn, start=1):
        drawing = bald if name in ON_BALD else figure
        called = "hat" if name == "hair" and isinstance(look.hair.top, HatType) else name
        layers.append(_painted(called, _only(drawing, name), size))
        progress(number / len(worn), f"Drawing the {name}")
    return layers


def _worn(name: str, look: Look) -> bool:
    if name == "beard":
        return look.hair.beard is not FacialHairType.NONE
    if name == "glasses":
        return look.clothes.glasses is not AccessoryType.NONE
    return True


def _figure(look: Look) -> SvgElement:
    """The person without beard and glasses, with the features that python_avatars lacks."""
    svg = svg_of(
        top=look.hair.top,
        hat_color=look.hair.hat_colour,
        hair_color=look.hair.colour,
        eyebrows=look.face.eyebrows,
        eyes=None if look.face.eyes is EyeType.DEFAULT else look.face.eyes,
        nose=look.face.nose,
        mouth=look.face.mouth,
        skin_color=look.face.skin,
        clothing=look.clothes.kind,
        clothing_color=look.clothes.colour,
        shirt_graphic=look.clothes.graphic,
    )
    figure = ElementTree.fromstring(svg)
    _underpaint(figure)
    face = _group(figure, GROUPS["face"])
    _lower(face, look)
    face.insert(0, marks(look.face))
    if look.face.eyes is EyeType.DEFAULT:
        face.append(open_eyes(look.face.eye_colour, 1 + (CHILD_EYES - 1) * look.childlike))
    return figure


def _bald(look: Look) -> SvgElement:
    """Beard and glasses, which not every head of hair has a place for."""
    svg = svg_of(
        top=HairType.NONE,
        facial_hair=look.hair.beard,
        facial_hair_color=look.hair.colour,
        accessory=look.clothes.glasses,
        clothing=ClothingType.NONE,
    )
    bald = ElementTree.fromstring(svg)
    _underpaint(bald)
    _lower(_group(bald, GROUPS["glasses"]), look)
    return bald


def _underpaint(drawing: SvgElement) -> None:
    """Give what lies under a coloured area that colour: else its edges shine through."""
    for parent in drawing.iter():
        areas = [child for child in parent if child.get("id", "").endswith(COLOURED)]
        for child in parent:
            if areas and child.tag == f"{SVG}use":
                child.set("fill", areas[0].get("fill", "none"))


def _lower(group: SvgElement, look: Look) -> None:
    """Move a group down as far as a child's face is lower; what is added later moves along."""
    inner = ElementTree.Element(f"{SVG}g", {"transform": group.get("transform", "")})
    inner.extend(list(group))
    for child in list(group):
        group.remove(child)
    group.set("transform", f"translate(0 {CHILD_FACE_DOWN * look.childlike:.2f})")
    group.append(inner)


def _group(drawing: SvgElement, name: str) -> SvgElement:
    return next(element for element in drawing.iter() if element.get("id", "").endswith(name))


def _only(drawing: SvgElement, name: str) -> str:
    """The drawing with this layer and nothing else, as SVG."""
    alone = copy.deepcopy(drawing)
    _prune(alone, _group(alone, GROUPS[name]))
    return ElementTree.tostring(alone, encoding="unicode")


def _prune(element: SvgElement, wanted: SvgElement) -> bool:
    """Drop every shape outside `wanted`; whether `wanted` is in `element`."""
    if element is wanted:
        return True
    found = False
    for child in list(element):
        if child.tag in {f"{SVG}defs", f"{SVG}mask"}:
            continue  # what is shown is cut out with these
        if _prune(child, wanted):
            found = True
        else:
            element.remove(child)
    return found


def _painted(name: str, svg: str, size: int) -> Layer:
    png = resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size, skip_system_fonts=True)
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        pixels = np.asarray(image.convert("RGBA"), np.float32) / np.float32(WHITE)
    return Layer(name, pixels[..., :3], pixels[..., 3])
