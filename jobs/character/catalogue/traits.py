"""The traits: what each thing that is said of a person shows of them."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.character.avatars import AccessoryType
from jobs.character.catalogue import hair
from jobs.character.look import Scene


@dataclass(frozen=True, slots=True)
class Trait:
    """What shows in the face, in the clothes and their colours, and behind; empty: nothing."""

    expression: str = ""
    wardrobe: str = ""
    tones: str = ""
    palettes: tuple[str, ...] = ()
    scene: Scene | None = None
    glasses: AccessoryType | None = None
    top: hair.Top | None = None


# By the names that the vocabulary has for them.
TRAITS = {
    "cheerful": Trait("joyful", tones="bright", palettes=("ochre", "sky"), scene=Scene.RAYS),
    "jolly": Trait("laughing", "casual", "warm", ("ochre", "teal")),
    "kind": Trait("gentle", "soft", "soft", ("rose", "sage", "teal"), Scene.GLOW),
    "warm": Trait("tender", "soft", "warm", ("rose", "dusk"), Scene.GLOW),
    "playful": Trait("playful", "fun", "bright", ("teal", "ember", "ochre"), Scene.RAYS),
    "silly": Trait("silly", "fun", "bright", ("ochre",), Scene.RAYS),
    "brave": Trait("confident", "smart", "calm", ("dusk", "teal"), Scene.HILLS),
    "serious": Trait("serious", "formal", "calm", ("slate", "sage"), Scene.GLOW),
    "fierce": Trait("fierce", "rebel", "dark", ("ember",), Scene.RAYS),
    "grumpy": Trait("grumpy", tones="earth"),
    "sad": Trait("sad", tones="dark", palettes=("slate", "lilac"), scene=Scene.SEA),
    "anxious": Trait("anxious", tones="soft"),
    "shy": Trait("gentle", "soft", "soft", ("lilac", "sage")),
    "curious": Trait("curious", "outdoors", "earth", ("dusk", "forest", "sky"), Scene.HILLS),
    "surprised": Trait("surprised", tones="soft"),
    "wise": Trait(
        wardrobe="scholar",
        tones="earth",
        palettes=("ochre", "forest", "ember"),
        scene=Scene.BOOKS,
        glasses=AccessoryType.ROUND,
    ),
    "scientific": Trait(
        "curious", "scholar", "calm", ("sky", "teal"), glasses=AccessoryType.PRESCRIPTION_2
    ),
    "eccentric": Trait("surprised", top=hair.GENIUS),
    "dreamy": Trait("dreamy", "soft", "soft", ("lilac", "sky"), Scene.NIGHT),
    "creative": Trait("confident", "casual", "bright", ("lilac", "rose", "teal"), Scene.LIGHTS),
    "mysterious": Trait("sly", "smart", "dark", ("slate", "lilac"), Scene.NIGHT),
    "energetic": Trait("joyful", "sporty", "bright", ("sky", "teal"), Scene.RAYS),
    "elegant": Trait("confident", "evening", "dark", ("dusk", "slate"), Scene.LIGHTS),
    "businesslike": Trait("confident", "formal", "calm", ("slate",), Scene.LIGHTS),
    "rebellious": Trait("fierce", "rebel", "dark", ("ember", "lilac"), Scene.LIGHTS),
    "tired": Trait("sleepy", "sporty", "soft"),
    "relaxed": Trait("gentle", "sporty", "calm", ("sky",), Scene.SEA),
    "close to nature": Trait("gentle", "outdoors", "earth", ("forest", "sage"), Scene.HILLS),
    "drawn to the sea": Trait(palettes=("sky", "teal"), scene=Scene.SEA),
    "spacefaring": Trait("curious", "space", palettes=("sky", "lilac"), scene=Scene.NIGHT),
    "cooking": Trait(wardrobe="kitchen", tones="soft", top=hair.CHEF_CAP),
    "warlike": Trait("fierce", "armour", "earth", ("ember", "dusk")),
    "magical": Trait("serious", "robe", "earth", ("lilac", "forest"), Scene.NIGHT),
    "piratical": Trait("sly", "casual", "dark", ("teal",), Scene.SEA, AccessoryType.EYEPATCH),
}
