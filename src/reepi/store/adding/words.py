"""Names of folders and files as words, whatever their language, spelling and separators."""

import re
import unicodedata
from collections.abc import Collection
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_DRAWN: Final = re.compile(
    r"(?<![^\W_])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{16,})(?![^\W_])",
    re.IGNORECASE,
)
"""A name that a program drew, a UUID or a hash: what its letters and numbers spell is chance."""

_CAMEL: Final = re.compile(r"(?<=[a-zà-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])")


def words_of(name: str) -> list[str]:
    """Return the words and the numbers of a name, in lower case and without accents.

    Examples
    --------
    >>> words_of("P01_BrasGauche (3).JPG")
    ['p', '01', 'bras', 'gauche', '3', 'jpg']
    """
    return _WORD.findall(parted(name))


def parted(name: str) -> str:
    """Return a plain name with a blank where words begin with a capital, such as in "BrasGauche"."""
    # Composed first: a file system may hand over a letter and its accent apart.
    return plain(_CAMEL.sub(" ", unicodedata.normalize("NFC", name)))


def without_drawn(name: str, kept: Collection[str] = ()) -> str:
    """Return a name without UUIDs and hashes, but for those that are called as one of the kept."""
    spelt = [words_of(each) for each in kept]
    return _DRAWN.sub(lambda drawn: drawn[0] if words_of(drawn[0]) in spelt else " ", name)


def plain(text: str) -> str:
    """Return a text in lower case and without accents; the German sharp s becomes two."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
