"""What the mask values of a data set may mean: for each value a set of tissues, as bits."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.core.errors import Fault
from reepi.core.images import Mask
from reepi.core.tissue import UNLABELLED, Tissue


@dataclass(frozen=True)
class LabelSets:
    """What each mask value of a data set may mean.

    Parameters
    ----------
    bits : (256,) uint8
        Bit t of an entry is set if the value may mean tissue t; 0 is unlabelled.
    known : (256,) bool
        Whether the data set declares the value.
    """

    bits: npt.NDArray[np.uint8]
    known: npt.NDArray[np.bool_]

    def encode(self, mask: Mask) -> npt.NDArray[np.uint8]:
        """Return the label set of every pixel of a mask, (H, W) uint8."""
        return self.bits[mask]


def set_name(bits: int) -> str:
    """Return a label set in words: its tissues, or those that it leaves out where they are fewer."""
    inside = [tissue.label for tissue in Tissue if bits >> tissue & 1]
    outside = [tissue.label for tissue in Tissue if not bits >> tissue & 1]
    if len(inside) > 1 and len(outside) < len(inside):
        return f"anything but {' or '.join(outside)}" if outside else "anything"
    return " or ".join(inside)


def parse_label_sets(values: object, where: str, faults: list[Fault]) -> LabelSets:
    """Return the meaning of mask values from the table ``[values]``; without one, values are tissues by themselves.

    Parameters
    ----------
    values : dict
        Mask value or ``default`` -> tissue, list of tissues, or ``unlabelled``.
    where : str
        File name for faults.
    faults : list of Fault
        Receives what is wrong.
    """
    bits, known = np.zeros(256, np.uint8), np.zeros(256, bool)
    known[UNLABELLED] = True
    table: Mapping[str, object] = values if isinstance(values, dict) else {str(t.value): t.label for t in Tissue}
    if "default" in table:
        bits[:UNLABELLED] = _bits(table["default"], where, faults)
        known[:] = True
    for key, meaning in table.items():
        if key == "default":
            continue
        if not (key.isdigit() and int(key) < 256):
            faults.append(Fault(where, f"{key!r} is no mask value", "Use 0 to 255 or default."))
            continue
        bits[int(key)], known[int(key)] = _bits(meaning, where, faults), True
    return LabelSets(bits, known)


def _bits(meaning: object, where: str, faults: list[Fault]) -> int:
    if meaning == "unlabelled":
        return 0
    bits = 0
    for word in [meaning] if isinstance(meaning, str) else meaning if isinstance(meaning, list) else [meaning]:
        try:
            bits |= 1 << Tissue.from_label(str(word))
        except ValueError as error:
            faults.append(Fault(where, str(error), "Correct the table [values]."))
    return bits
