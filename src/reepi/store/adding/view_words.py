"""What people call parts of the body and their sides, in English, French, German, Spanish, Italian, Portuguese, Dutch.

A word that means one thing alone and another beside a part of the body stands as *loose*: the back is the trunk from
behind, the back of a hand is its dorsal side. A word that means many things is *weak*: it counts only beside another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reepi.store.adding.words import plain


@dataclass(frozen=True)
class Meaning:
    """What a word says of a view.

    Parameters
    ----------
    parts : frozenset of str
        Parts of the body; see `reepi.core.views.View`.
    sides : frozenset of str
        ``left`` and ``right``.
    aspects : frozenset of str
        Surfaces that it may mean, of whichever part.
    loose : bool
        Whether its part counts only where no other word names one.
    weak : bool
        Whether it counts only beside another word of a view.
    """

    parts: frozenset[str] = frozenset()
    sides: frozenset[str] = frozenset()
    aspects: frozenset[str] = frozenset()
    loose: bool = False
    weak: bool = False


_PARTS: Final = {
    "whole": "whole wholebody fullbody entirebody ganz ganzkörper corpsentier cuerpoentero cuerpocompleto corpointero "
    "corpointeiro corpototale helelichaam übersicht overview vueglobale vuedensemble",
    "head": "head kopf tête cabeza testa cabeça hoofd neck hals cou cuello collo pescoço nek",
    "trunk": "trunk torso thorax rumpf oberkörper upperbody tronc torse tronco torace tórax romp flank flanc flanke "
    "flanco fianco",
    "pelvis": "pelvis groin genital genitals genitalia becken leiste leisten genitalbereich bassin aine pubis ingle "
    "bacino inguine bacia virilha bekken",
    "buttocks": "buttock buttocks gluteal gluteus gesäß gesäss fesse fesses nalga nalgas glúteo glúteos gluteo "
    "glutei natica natiche nádega nádegas bil billen",
    "arm": "arm arms forearm upperarm lowerarm arme oberarm unterarm bras avantbras brazo brazos antebrazo braccio "
    "braccia avambraccio braço braços antebraço armen bovenarm onderarm",
    "hand": "hand hands hände mano manos mani mão mãos handen mains",
    "leg": "leg legs thigh shin calf lowerleg upperleg bein beine oberschenkel unterschenkel jambe jambes cuisse "
    "cuisses mollet pierna piernas muslo muslos gamba gambe coscia cosce perna pernas coxa benen bovenbeen onderbeen",
    "foot": "foot feet fuß füße pied pieds pies piede piedi voet voeten",
}

_WEAK_PARTS: Final = {
    "whole": "body corps körper cuerpo corpo lichaam full entire total",
    "head": "cara",
    "hand": "main",
    "leg": "been",
    "foot": "pie pé",
}

_WITH_ASPECT: Final = {
    (
        "trunk",
        "anterior",
    ): "chest breast abdomen belly brust brustkorb bauch poitrine ventre pecho vientre petto addome "
    "pancia peito barriga borst buik",
    ("hand", "palmar"): "palm handfläche handteller innenhand paume palma handpalm palmsidehand",
    ("hand", "dorsal"): "handrücken handrug dorsumofhand dosdelamain dorsodellamano dorsodelamano",
    ("foot", "plantar"): "sole fußsohle sohle planta voetzool",
    ("foot", "dorsal"): "fußrücken spann voetrug instep",
    ("head", "anterior"): "gesicht visage rostro viso volto rosto gezicht",
    ("head", "posterior"): "hinterkopf occiput nuque nuca nacken nape",
}

_LOOSE: Final = {
    ("trunk", "posterior dorsal"): "back backside rücken dos espalda schiena dorso costas rug",
    ("head", "anterior"): "face",
    ("buttocks", "posterior plantar"): "bottom",
}

_SIDES: Final = {
    "left": "left lt lft gauche links linke linker linkes linken izquierda izquierdo izq izda izdo sinistra sinistro "
    "sx esquerda esquerdo esq linkerzijde",
    "right": "right rt rgt droite droit rechts rechte rechter rechtes rechten derecha derecho dcha dcho destra destro "
    "dx direita direito",
}

_WEAK_SIDES: Final = {"left": "l g li sin", "right": "r d re dir"}

_ASPECTS: Final = {
    "anterior": "anterior front frontal ventral vorne vorn vorderseite vorderansicht devant antérieur antérieure "
    "anteriore frente delante delantero davanti",
    "posterior": "posterior rear behind hinten rückseite rückansicht derrière arrière postérieur postérieure "
    "posteriore detrás trasero dietro atrás achter achterkant",
    "posterior dorsal": "dorsal dorsale dorsaux dorsum dorsalseite",
    "palmar": "palmar palmaire palmare volar",
    "plantar": "plantar plantaire plante plantare",
    "dorsal": "top oben",
    "medial": "medial mediale inner inside innen innenseite interne médial médiale interna interno",
    "lateral": "lateral laterale outer outside außen außenseite externe latéral latérale externa externo esterno",
}

_WEAK_ASPECTS: Final = {
    "anterior": "ant avant voor",
    "posterior": "post",
    "medial": "med int",
    "lateral": "lat ext side",
    "dorsal": "dors",
    "palmar": "palm",
    "plantar": "plant",
}

_EXTREMITIES: Final = {
    "lue": ("arm", "left"),
    "rue": ("arm", "right"),
    "lle": ("leg", "left"),
    "rle": ("leg", "right"),
}
"""Left and right upper and lower extremity, as wards abbreviate them."""

_NOTHING: Final = (
    "postop postoperative postinfusion posttreatment posttherapy postdose postbaseline "
    "antes avantinfusion avanttraitement"
)
"""Words that begin like a side and say when."""


def _entries() -> Iterator[tuple[str, Meaning]]:
    for weak, table in ((True, _WEAK_PARTS), (False, _PARTS)):
        for part, words in table.items():
            yield from _spelt(words, Meaning(frozenset({part}), weak=weak))
    for weak, table in ((True, _WEAK_SIDES), (False, _SIDES)):
        for side, words in table.items():
            yield from _spelt(words, Meaning(sides=frozenset({side}), weak=weak))
    for weak, table in ((True, _WEAK_ASPECTS), (False, _ASPECTS)):
        for aspects, words in table.items():
            yield from _spelt(words, Meaning(aspects=frozenset(aspects.split()), weak=weak))
    for loose, pairs in ((True, _LOOSE), (False, _WITH_ASPECT)):
        for (part, aspects), words in pairs.items():
            yield from _spelt(words, Meaning(frozenset({part}), aspects=frozenset(aspects.split()), loose=loose))
    for word, (part, side) in _EXTREMITIES.items():
        yield word, Meaning(frozenset({part}), frozenset({side}))
    yield from _spelt(_NOTHING, Meaning())


def _spelt(words: str, meaning: Meaning) -> Iterator[tuple[str, Meaning]]:
    """Yield words without accents, and German ones also as they are written where there are no umlauts."""
    for word in words.split():
        yield plain(word), meaning
        yield plain(word.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")), meaning


MEANINGS: Final[dict[str, Meaning]] = dict(_entries())
"""Meaning of every word, as `reepi.store.adding.words.words_of` gives it; phrases stand without their blanks."""
