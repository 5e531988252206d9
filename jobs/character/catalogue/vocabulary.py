"""The vocabulary: the words in which people tell of a character.

A word ending in "*" stands for every word that begins so.
"""

from __future__ import annotations

# What is said of a person by which words.
WORDS = {
    "cheerful": (
        "cheer* happy happi* joy* optimis* sunny merry bubbly radiant upbeat enthusias* positiv*"
    ),
    "jolly": "jolly laugh* hilarious jovial",
    "kind": (
        "kind kindly kindness gentle* caring compassion* empath* sweet patient* "
        "nurtur* generous generosity loyal* helpful* friend* polite humble modest"
    ),
    "warm": (
        "warm loving tender* affection* romantic* motherly fatherly grandmother* grandfather*"
    ),
    "playful": ("playful* mischie* cheeky witty prank* quirky funny humor* humour* joker joking"),
    "silly": "silly goofy clown* childish zany",
    "brave": (
        "confident* bold leader* leads charism* ambitious determin* proud assertive "
        "decisive brave* courage* hero* fearless strong* resilient independent"
    ),
    "serious": (
        "serious* stoic* stern disciplined strict formal focused practical pragmatic "
        "logical rational methodical reserved organi* reliable dutiful"
    ),
    "fierce": (
        "fierce* angry anger aggress* ruthless intens* furious fury temper* warlike vengeful"
    ),
    "grumpy": "grump* cranky irritable cynic* bitter stubborn* pessimis* moody",
    "sad": (
        "sad sadness melanchol* gloom* lonely loneliness heartbroken griev* grief depress* wistful"
    ),
    "anxious": "anxi* nervous* worr* timid insecure fearful paranoid",
    "shy": "shy shyness quiet* introver* soft-spoken",
    "curious": "curious* curiosity inquisitive explor* adventur* wander* travel* journey*",
    "surprised": "surpris* amazed naive innocent astonish*",
    "wise": (
        "intelligen* smart clever wise wisdom scholar* bookish studious intellect* "
        "professor* teacher* academic reader reads reading book books librarian "
        "writer writes analytic* thoughtful philosoph* historian nerd* geek*"
    ),
    "scientific": (
        "scien* genius inventor* invents inventive engineer* physic* chemist* mathemat* programmer*"
    ),
    "eccentric": "absent-minded eccentric mad crazy chaotic",
    "dreamy": ("dream* imaginat* poet* spiritual* meditat* serene* calm* peaceful tranquil* zen"),
    "creative": ("creativ* artist* artsy art paint* musician music* singer design* bohemian danc*"),
    "mysterious": (
        "sly cunning sneaky sarcas* ironic irony devious manipulat* myster* secretive "
        "enigma* spy detective thief"
    ),
    "energetic": "energetic energy sport* athlet* active lively dynamic runner* competitive",
    "elegant": (
        "elegan* sophisticat* refined glamor* glamour* classy aristocrat* noble* "
        "royal* rich posh charming diva"
    ),
    "businesslike": "business* lawyer* banker* manager* executive ceo politician*",
    "rebellious": "rebel* punk* rock* anarch* edgy goth* nonconform* outlaw*",
    "tired": "tired* sleepy lazy exhaust* drowsy",
    "relaxed": "relaxed laid-back easygoing chill* carefree",
    "close to nature": (
        "nature gardener* garden* farmer* outdoors* forest* hik* animal* tree trees"
    ),
    "drawn to the sea": "sea ocean* sailor* sailing surf* swim* beach",
    "spacefaring": "astronaut* cosmonaut* space galaxy star-gazer*",
    "cooking": "chef* cook* baker* bakes baking",
    "warlike": "knight* gladiator* soldier* warrior*",
    "magical": "wizard* witch* mage magic* monk* hermit* sorcer* druid*",
    "piratical": "pirate*",
}

# A gender is one of these when it is given in these words; anything else is neither.
FEMININE = "f female feminine woman women girl lady she her femme demigirl mother"
MASCULINE = "m male masculine man men boy gentleman he him masc demiboy father"

# A word after one of these, or the one after that, is not meant.
NEGATIONS = "not never no without hardly rarely isn't doesn't don't neither nor"
