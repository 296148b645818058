"""What became of a patient's skin, visit by visit: as a table by region, and as the history of each face.

Both come from the one pass over the visits that `reepi.scoring.healing` makes.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np

from reepi.core.history import SkinHistory
from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.results import ChangeRow
from reepi.scoring.healing import Healing
from reepi.scoring.skin import Floats, Skin


def skin_history(dates: Sequence[date], healing: Sequence[Healing], day_zero: date | None) -> SkinHistory:
    """Return the history of each face.

    Parameters
    ----------
    dates : sequence of date
        Of the visits, in order; at least one.
    healing : sequence of Healing
        What following the skin says at each of them.
    day_zero : date, optional
        Day 0; the first visit if that is not known.
    """
    return SkinHistory(
        day_zero or dates[0],
        tuple(dates),
        np.stack([each.states for each in healing]),
        np.stack([each.assessed for each in healing]),
        np.stack([each.at_edge for each in healing]),
    )


def change_rows(
    patient_id: str, visit_date: date, day: int | None, healing: Healing, skin: Skin, sources: Sequence[str]
) -> list[ChangeRow]:
    """Return the rows of ``changes.csv`` of a visit, region by region and then the whole body.

    Parameters
    ----------
    patient_id : str
        Whose visit.
    visit_date : date
        Its date.
    day : int, optional
        Its day.
    healing : Healing
        What following the skin says at it. A region of which it says nothing has no numbers.
    skin : Skin
        Of the same faces.
    sources : sequence of str
        Who said so, of the 33 regions and the whole body.
    """
    flows = healing.flows
    columns = [flows.new, flows.first_seen, flows.closing, flows.relapse, flows.exchanged]
    assessed = skin.by_region(skin.shares * healing.assessed)
    told = with_body(np.column_stack([*columns, assessed])).tolist()
    table = [amounts if seen > 0 else [None] * len(columns) for *amounts, seen in told]
    return [
        ChangeRow(patient_id, visit_date, day, region, new, first_seen, healed, relapse, exchanged, source)
        for region, (new, first_seen, healed, relapse, exchanged), source in zip(
            (*REGIONS, WHOLE_BODY), table, sources, strict=True
        )
    ]


def with_body(regional: Floats) -> Floats:
    """Return amounts of the regions (33, K) with those of the whole body below, (34, K)."""
    return np.vstack([regional, regional.sum(axis=0)])
