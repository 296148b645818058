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
    "whole": "whole whole_body full_body entire_body ganz ganzkörper corps_entier cuerpo_entero cuerpo_completo "
    "corpo_intero corpo_inteiro corpo_totale hele_lichaam übersicht overview vue_globale vue_d_ensemble",
    "head": "head kopf tête cabeza testa cabeça hoofd neck hals cou cuello collo pescoço nek",
    "trunk": "trunk torso thorax rumpf oberkörper upper_body tronc torse tronco torace tórax romp flank flanc flanke "
    "flanco fianco",
    "pelvis": "pelvis groin genital genitals genitalia becken leiste leisten genitalbereich bassin aine pubis ingle "
    "bacino inguine bacia virilha bekken",
    "buttocks": "buttock buttocks gluteal gluteus gesäß gesäss fesse fesses nalga nalgas glúteo glúteos gluteo "
    "glutei natica natiche nádega nádegas bil billen",
    "arm": "arm arms forearm upper_arm lower_arm arme oberarm unterarm bras avant_bras brazo brazos antebrazo braccio "
    "braccia avambraccio braço braços antebraço armen bovenarm onderarm",
    "hand": "hand hands hände mano manos mani mão mãos handen mains",
    "leg": "leg legs thigh shin calf lower_leg upper_leg bein beine oberschenkel unterschenkel jambe jambes cuisse "
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
    ("hand", "palmar"): "palm handfläche handteller innenhand paume palma palm_of_hand",
    (
        "hand",
        "dorsal",
    ): "handrücken handrug dorsum_of_hand back_of_hand dos_de_la_main dorso_della_mano dorso_de_la_mano",
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
    "post_op post_operative post_infusion post_treatment post_therapy post_dose post_baseline "
    "antes avant_infusion avant_traitement"
)
"""Words that begin like a side and say when."""


def _entries() -> Iterator[tuple[tuple[str, ...], Meaning]]:
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
        yield (word,), Meaning(frozenset({part}), frozenset({side}))
    yield from _spelt(_NOTHING, Meaning())


def _spelt(words: str, meaning: Meaning) -> Iterator[tuple[tuple[str, ...], Meaning]]:
    """Yield words without accents, German ones also as they are written without umlauts, phrases also in one word."""
    for word in words.split():
        for spelt in {plain(word), plain(word.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"))}:
            yield tuple(spelt.split("_")), meaning
            yield (spelt.replace("_", ""),), meaning


MEANINGS: Final[dict[tuple[str, ...], Meaning]] = dict(_entries())
"""Meaning of every word and phrase, as the words that `reepi.store.adding.words.words_of` gives."""
