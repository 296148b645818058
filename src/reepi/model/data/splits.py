"""Which photographs train, choose and test: by patient, the same on every machine, never by chance."""

from collections.abc import Sequence
from typing import Final, Literal

Split = Literal["train", "validation", "test"]

N_BLOCKS: Final = 20
"""Blocks that the ordered patients (or files, where no patients are known) are cut into."""

TEST_BLOCKS: Final = (4, 9, 14, 19)
VALIDATION_BLOCKS: Final = (7, 17)

SPLIT_RULE: Final = (
    f"column split of samples.csv where there is one; else patients (or file names, where no patients are known) in "
    f"order, cut into {N_BLOCKS} equal blocks counted from 0: {', '.join(map(str, TEST_BLOCKS))} test, "
    f"{', '.join(map(str, VALIDATION_BLOCKS))} validation, the others train"
)
"""The rule in words, for the card."""

_WORDS: Final[dict[str, Split]] = {
    "train": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}


def split_of_word(word: str) -> Split:
    """Return the split that a word of samples.csv names.

    Raises
    ------
    ValueError
        The word names none.
    """
    try:
        return _WORDS[word.strip().lower()]
    except KeyError:
        raise ValueError(f"{word!r} is no split; use train, validation or test") from None


def split_by_blocks(units: Sequence[str]) -> dict[str, Split]:
    """Return the split of every unit (a patient, or a file where no patients are known).

    Neighbours in the order often show the same patient, so whole runs of them go together.
    """
    ordered = sorted(set(units), key=_natural)
    return {unit: _split_of_block(place * N_BLOCKS // len(ordered)) for place, unit in enumerate(ordered)}


def _split_of_block(block: int) -> Split:
    if block in TEST_BLOCKS:
        return "test"
    return "validation" if block in VALIDATION_BLOCKS else "train"


def _natural(unit: str) -> tuple[int, str]:
    digits = "".join(character for character in unit if character.isdigit())
    return (int(digits) if digits else -1, unit)
