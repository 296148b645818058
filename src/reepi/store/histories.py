"""Histories of skin as ``.npz``: what a face of the body went through, for maps drawn later or by other programs."""

import io
from datetime import date
from typing import Final

import numpy as np

from reepi.core.arrays import opened_arrays
from reepi.core.history import SkinHistory
from reepi.store.packing import pack_arrays

DERIVED: Final = ("first_open_day", "healed_from_day", "healed_to_day", "reopened_day")
"""Days that follow from the states; written for other programs, and never read back."""


def pack_history(history: SkinHistory) -> bytes:
    """Return a history as the bytes of a compressed ``.npz``.

    It holds ``counted_from`` and ``dates`` (ISO 8601), ``states``, ``assessed`` and ``at_edge`` (V, F), and the days of
    `DERIVED` (F,), NaN where the thing never happened; see `reepi.core.history.SkinHistory`.
    """
    return pack_arrays(
        counted_from=np.array(history.counted_from.isoformat()),
        dates=np.array([day.isoformat() for day in history.dates]),
        states=history.states,
        assessed=history.assessed,
        at_edge=history.at_edge,
        **{name: getattr(history, name) for name in DERIVED},
    )


def unpack_history(content: bytes) -> SkinHistory:
    """Return the history of the bytes of an ``.npz``; see `reepi.store.results.DAMAGED` for what it raises."""
    with opened_arrays(io.BytesIO(content)) as arrays:
        return SkinHistory(
            date.fromisoformat(str(arrays["counted_from"])),
            tuple(date.fromisoformat(day) for day in arrays["dates"].tolist()),
            arrays["states"],
            arrays["assessed"],
            arrays["at_edge"],
        )
