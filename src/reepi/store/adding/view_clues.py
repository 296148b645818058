"""Which view the names of a photograph's folders and file tell."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from reepi.core.views import VIEW_NAMES, VIEWS, View
from reepi.store.adding.view_words import MEANINGS, Meaning
from reepi.store.adding.words import plain, words_of
from reepi.store.cells import suggestion

LONGEST_PHRASE: Final = 4
"""Words of the longest phrase of the vocabulary, such as "dos de la main"."""

SHORTEST_HALF: Final = 3
"""Letters of each half of a word that is parted, such as "leftarm": shorter ones are in too many words."""

MISSPELT: Final = 0.9
"""Likeness from which a word is the name of a view with a letter or two wrong."""

_DAY_LETTERS: Final = frozenset({"d", "j"})
"""Before a number they count days, and are no side."""

_CODE: Final = re.compile(r"(?<![^\W\d_])([^\W\d_])-?(\d+)")
"""A letter with a number, such as R07: somebody or something is called so, and the letter is no side."""


@dataclass(frozen=True)
class ViewClue:
    """What names tell of a view.

    Parameters
    ----------
    views : tuple of str
        Views that fit, in the order of `reepi.core.views.VIEWS`; all of them where nothing was told.
    told : bool
        Whether a part of the body was named.
    words : tuple of str
        The words that it rests on.
    doubt : str
        What speaks against it; empty where nothing does.
    """

    views: tuple[str, ...]
    told: bool
    words: tuple[str, ...]
    doubt: str = ""

    @property
    def only(self) -> str | None:
        """The view, where the names leave no other and nothing speaks against it."""
        return self.views[0] if self.told and len(self.views) == 1 and not self.doubt else None


@dataclass(frozen=True)
class _Named:
    """What one name says: words with their meaning, and whether it has words that say nothing of views."""

    meanings: tuple[tuple[str, Meaning], ...] = ()
    other_words: bool = False
    parts: frozenset[str] = field(init=False)
    sides: frozenset[str] = field(init=False)
    aspects: frozenset[str] = field(init=False)
    loose_parts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        kept = [meaning for _, meaning in self.meanings]
        object.__setattr__(self, "parts", _union(m.parts for m in kept if not m.loose))
        object.__setattr__(self, "loose_parts", _union(m.parts for m in kept if m.loose))
        object.__setattr__(self, "sides", _union(m.sides for m in kept))
        firm = _union(m.aspects for m in kept if not m.loose)
        object.__setattr__(self, "aspects", firm or _union(m.aspects for m in kept))


def view_clue(names: Sequence[str]) -> ViewClue:
    """Return which views fit the names of the folders and, last, of the file without its ending.

    A name nearer to the file outranks one farther away. Side and surface of a folder count only where that folder's
    name speaks of nothing else: "post infusion" is no side of the body.

    Parameters
    ----------
    names : sequence of str
        From the outermost folder to the file.
    """
    told = [_named(name) for name in reversed(names)]
    parts, depth = _nearest([each.parts for each in told])
    if not parts:
        parts, depth = _nearest([each.loose_parts for each in told])
    usable = [each for at, each in enumerate(told) if at <= depth or not each.other_words]
    sides, _ = _nearest([each.sides for each in usable])
    aspects, _ = _nearest([each.aspects for each in usable])
    words = tuple(word for each in usable for word, _ in each.meanings)
    views, doubt = _fitting(parts, sides, aspects)
    if any(each.parts and not each.parts & parts for each in told):
        doubt = "folder and file name different parts of the body"
    return ViewClue(views, bool(parts), words, doubt)


def view_suggestion(word: str) -> str:
    """Return a sentence that leads from a wrong name of a view to the right ones.

    A name misspelt leads to the one meant; the beginning of names, or words such as "left arm", to all that fit.

    Examples
    --------
    >>> view_suggestion("arm_left")
    'Did you mean arm_left_anterior or arm_left_posterior?'
    """
    misspelt = difflib.get_close_matches(word.lower(), VIEW_NAMES, n=1, cutoff=MISSPELT)
    begun = [name for name in VIEW_NAMES if word and name.startswith(word.lower())]
    clue = view_clue([word])
    names = misspelt or begun or (list(clue.views) if clue.told else [])
    if not names:
        return suggestion(word, VIEW_NAMES).strip()
    told = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
    return f"Did you mean {told}?"


def _nearest(found: Sequence[frozenset[str]]) -> tuple[frozenset[str], int]:
    """Return the first that holds something, and its place (beyond the last where none does)."""
    return next(((each, at) for at, each in enumerate(found) if each), (frozenset(), len(found)))


def _fitting(parts: frozenset[str], sides: frozenset[str], aspects: frozenset[str]) -> tuple[tuple[str, ...], str]:
    """Return the views that fit, and what does not go together."""
    of_part = [view for view in VIEWS.values() if not parts or view.part in parts]
    of_side = [view for view in of_part if _on_side(view, sides)]
    fitting = [view for view in of_side if _shows(view, sides, aspects)]
    if fitting:
        return tuple(view.name for view in fitting), ""
    doubt = f"there is no such view: {' '.join(sorted(parts | sides | aspects))}"
    return tuple(view.name for view in of_side or of_part) or VIEW_NAMES, doubt


def _on_side(view: View, sides: frozenset[str]) -> bool:
    return not sides or view.side is None or view.side in sides


def _shows(view: View, sides: frozenset[str], aspects: frozenset[str]) -> bool:
    """Say whether a view shows a surface. Of head and trunk the sides are surfaces, in words as in views."""
    if view.side is None and view.part in ("head", "trunk") and sides:
        return view.aspect in sides | (aspects - {"lateral"})
    return not aspects or view.aspect in aspects


def _named(name: str) -> _Named:
    words = words_of(name)
    found, other = [], False
    for word, meaning in _spoken(words, frozenset(_CODE.findall(plain(name)))):
        if meaning is None:
            other = other or not word.isdigit()
        elif meaning != Meaning():
            found.append((word, meaning))
    # A weak word alone, such as "main", may stand for anything.
    if all(meaning.weak for _, meaning in found):
        return _Named((), bool(words))
    return _Named(tuple(found), other)


def _spoken(words: list[str], codes: frozenset[tuple[str, str]]) -> Iterator[tuple[str, Meaning | None]]:
    """Yield the words and phrases of a name with what they mean, the longest phrase first; a code means nothing."""
    at = 0
    while at < len(words):
        for length in range(min(LONGEST_PHRASE, len(words) - at), 0, -1):
            phrase = tuple(words[at : at + length])
            counts = length == 1 and _counts(words[at : at + 2], codes)
            if phrase in MEANINGS and not counts:
                yield " ".join(phrase), MEANINGS[phrase]
                at += length
                break
        else:
            yield from _parted(words[at])
            at += 1


def _counts(pair: list[str], codes: frozenset[tuple[str, str]]) -> bool:
    """Say whether a letter before a number counts days, or is a code with it."""
    return len(pair) == 2 and ((pair[0] in _DAY_LETTERS and pair[1].isdigit()) or tuple(pair) in codes)


def _parted(word: str) -> Iterator[tuple[str, Meaning | None]]:
    """Yield the halves of a word that is two words of views, such as "leftarm", or the word."""
    for cut in range(SHORTEST_HALF, len(word) - SHORTEST_HALF + 1):
        halves = word[:cut], word[cut:]
        if all((half,) in MEANINGS for half in halves):
            yield from ((half, MEANINGS[half,]) for half in halves)
            return
    yield word, None


def _union(sets: Iterator[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
