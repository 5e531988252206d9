"""Features that python_avatars lacks: living eyes, and what the years leave on a face.

Only numbers and colours of the program's own go into this markup.
"""

from __future__ import annotations

from typing import TypeAlias
from xml.etree.ElementTree import Element, SubElement

from jobs.character.look import Face

SvgElement: TypeAlias = "Element[str]"

SVG = "{http://www.w3.org/2000/svg}"

# Where things are in the drawing, in its units: the middle of the face, the eyes, their distance.
FACE_X, EYES_Y, EYE_APART = 132, 112, 26

# Lines appear one after the other as the years go by: from this much age (0 to 1), this path,
# drawn on the left half of the face and mirrored on the right.
LINES = (
    (0.10, "M114,137 Q107,143 107,154"),
    (0.22, "M96,123 Q105,128 114,123"),
    (0.30, "M87,108 L81,105 M86,113 L79,113 M87,118 L81,121"),
    (0.45, "M106,86 Q132,79 158,86"),
    (0.60, "M111,78 Q132,72 153,78"),
    (0.70, "M112,164 Q109,169 111,174"),
    (0.80, "M124,101 Q127,104 126,108"),
)
LINE_COLOUR, LINE_WIDTH = "#4a2414", "1.7"
LINE_FAINTEST, LINE_STRONGEST = 0.16, 0.42

FRECKLES = ((96, 131), (101, 135), (106, 130), (92, 136), (99, 140), (110, 136), (88, 131))


def open_eyes(colour: str, larger: float) -> SvgElement:
    """A pair of open eyes with irises of this colour, so many times as large as usual."""
    eyes = Element(f"{SVG}g")
    eyes.set(
        "transform",
        f"translate({FACE_X} {EYES_Y}) scale({larger:.3f}) translate({-FACE_X} {-EYES_Y})",
    )
    for x in (FACE_X - EYE_APART, FACE_X + EYE_APART):
        _shape(eyes, "ellipse", cx=x, cy=EYES_Y, rx=9.6, ry=7.4, fill="#fffaf2")
        _shape(eyes, "circle", cx=x, cy=EYES_Y - 0.4, r=6.1, fill=colour)
        _shape(eyes, "circle", cx=x, cy=EYES_Y - 0.4, r=3.1, fill="#1b1413")
        _shape(eyes, "circle", cx=x - 2.2, cy=EYES_Y - 3, r=1.9, fill="#ffffff")
        lid = f"M{x - 10.6},{EYES_Y - 0.6} Q{x},{EYES_Y - 14.5} {x + 10.6},{EYES_Y - 0.6}"
        _stroke(eyes, lid, "#2a1a14", "2.8", 0.9)
    return eyes


def marks(face: Face) -> SvgElement:
    """Lines of age, blush and freckles."""
    marked = Element(f"{SVG}g")
    for mirror in ("", f"translate({2 * FACE_X},0) scale(-1,1)"):
        half = SubElement(marked, f"{SVG}g", {"transform": mirror} if mirror else {})
        for since, path in LINES:
            if face.lines > since:
                strength = LINE_FAINTEST + (LINE_STRONGEST - LINE_FAINTEST) * (face.lines - since)
                _stroke(half, path, LINE_COLOUR, LINE_WIDTH, strength)
        if face.freckles:
            for x, y in FRECKLES:
                _shape(half, "circle", cx=x, cy=y, r=1.3, fill="#8a4a22", fill_opacity=0.45)
        if face.blush:
            _blush(half, face.blush)
    return marked


def _blush(parent: SvgElement, strength: float) -> None:
    soft = SubElement(parent, f"{SVG}radialGradient", {"id": "blush"})
    for offset, opacity in (("0", 0.34), ("0.5", 0.20), ("1", 0.0)):
        colour = {"stop-color": "#e2493a", "stop-opacity": f"{opacity * strength:.3f}"}
        SubElement(soft, f"{SVG}stop", {"offset": offset, **colour})
    x, y = FACE_X - 36, EYES_Y + 25
    _shape(parent, "ellipse", cx=x, cy=y, rx=20, ry=14, fill="url(#blush)")


def _shape(parent: SvgElement, tag: str, **attributes: float | str) -> None:
    named = {key.replace("_", "-"): str(value) for key, value in attributes.items()}
    SubElement(parent, f"{SVG}{tag}", named)


def _stroke(parent: SvgElement, path: str, colour: str, width: str, opacity: float) -> None:
    look = {"fill": "none", "stroke": colour, "stroke-width": width, "stroke-linecap": "round"}
    SubElement(parent, f"{SVG}path", {"d": path, "stroke-opacity": f"{opacity:.2f}", **look})
