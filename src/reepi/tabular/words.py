"""Labels of endpoints, regions and tissues for whoever reads the exported tables."""

from typing import Final

from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.results import AREA_LABELS, OPEN_LABEL, UNASSESSED_LABEL
from reepi.core.tissue import Tissue
from reepi.tabular.dataset import Codelist

TISSUE_MEANINGS: Final = {
    Tissue.INTACT.label: "Skin without detachment or redness",
    Tissue.ERYTHEMA.label: "Red or dusky skin whose epidermis holds",
    Tissue.DETACHABLE.label: "Epidermis loosened in place",
    Tissue.DETACHED.label: "Blister, erosion or denuded dermis",
    Tissue.REEPITHELIALISED.label: "Was open, closed by new epidermis",
    OPEN_LABEL: "Detachable and detached together",
    UNASSESSED_LABEL: "Skin that no photograph showed, or that was hidden",
}

TISSUES: Final = Codelist("TISSUE", tuple((label, TISSUE_MEANINGS[label]) for label in AREA_LABELS))

TISSUE_CODES: Final = {
    Tissue.INTACT.label: "INTACT",
    Tissue.ERYTHEMA.label: "ERYTHEMA",
    Tissue.DETACHABLE.label: "DETACHBL",
    Tissue.DETACHED.label: "DETACHED",
    Tissue.REEPITHELIALISED.label: "REEPITH",
    OPEN_LABEL: "OPEN",
    UNASSESSED_LABEL: "UNASSESS",
}

TISSUE_PARAMETERS: Final = Codelist("TISSUECD", tuple((TISSUE_CODES[label], label) for label in AREA_LABELS))

CHANGE_CODES: Final = (
    ("new_detachment", "NEWDET", "New detachment"),
    ("first_seen_open", "FIRSTOPE", "Open, never assessed before"),
    ("healed", "HEALED", "Healed since it was last assessed"),
    ("relapse", "RELAPSE", "Open again after it had healed"),
    ("exchanged", "EXCHANGE", "In balance within the mapping's error"),
)
"""Columns of ``changes.csv``, with their short codes and what they mean."""

CHANGES: Final = Codelist("CHANGECD", tuple((code, meaning) for _, code, meaning in CHANGE_CODES))

AREAS: Final = Codelist(
    "REGION",
    (
        (WHOLE_BODY, "All skin of the body"),
        *((name, f"Surface of the Lund-Browder chart: {name.replace('_', ' ')}") for name in REGIONS),
    ),
)

YES_NO: Final = Codelist("NY", (("Y", "Yes"), ("N", "No")))

SEXES: Final = Codelist("SEX", (("F", "Female"), ("M", "Male")))

STATUSES: Final = Codelist(
    "STATUS",
    (("scored", "Measured"), ("rejected", "Could not be measured; see REASON"), ("failed", "Error of the program")),
)


def endpoint_label(name: str) -> str:
    """Return the name of an endpoint in words."""
    return name.replace("_", " ").replace("bsa", "BSA").capitalize().replace("bsa", "BSA")
