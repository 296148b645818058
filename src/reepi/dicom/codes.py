"""The one table of codes that exports use: SNOMED CT and DICOM's own where they exist, ``99REEPI`` where none does.

Every code that is not ``99REEPI`` stands, with this meaning, in the context groups of DICOM PS3.16 (2024 and later),
of which pydicom carries a copy: a test looks each of them up there. ``99REEPI`` is a private coding scheme (PS3.16,
section 8.2: designators that begin with 99): its codes mean what the glossary of this program says and nothing else.
"""

from dataclasses import dataclass
from typing import Final

from pydicom.sr.coding import Code

from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.results import OPEN_LABEL, UNASSESSED_LABEL
from reepi.core.tissue import Tissue

LOCAL_SCHEME: Final = "99REEPI"
"""Designator of the codes that no published scheme has."""

LOCAL_SCHEME_NAME: Final = "reepi: skin detachment and healing in SJS/TEN"


def _sct(value: str, meaning: str) -> Code:
    return Code(value, "SCT", meaning)


def _dcm(value: str, meaning: str) -> Code:
    return Code(value, "DCM", meaning)


def _local(value: str, meaning: str) -> Code:
    return Code(value, LOCAL_SCHEME, meaning)


TISSUE: Final = _sct("85756007", "Tissue")
ABNORMAL_STRUCTURE: Final = _sct("49755003", "Morphologically Abnormal Structure")
PHYSICAL_OBJECT: Final = _sct("260787004", "Physical object")
PHOTOGRAPHY_OF_PATIENT: Final = _sct("197157006", "Photography of patient")
ARTIFICIAL_INTELLIGENCE: Final = _dcm("123110", "Artificial Intelligence")
PERSON: Final = _dcm("121006", "Person")
DEVICE: Final = _dcm("121007", "Device")
PERCENT: Final = Code("%", "UCUM", "Percent")

SEEN_SHARE: Final = _local("BSA_SEEN", "Share of the body surface, of the skin that was seen")
FULL_SHARE: Final = _local("BSA_FULL", "Share of the body surface, with the unassessed as by protocol")
LOW_LIMIT: Final = _local("LOW90", "Lower limit of the 90 % interval")
HIGH_LIMIT: Final = _local("HIGH90", "Upper limit of the 90 % interval")

LEFT: Final = _sct("7771000", "Left")
RIGHT: Final = _sct("24028007", "Right")
ANTERIOR: Final = _sct("255549009", "Anterior")
POSTERIOR: Final = _sct("255551008", "Posterior")
DORSAL: Final = _local("DORSAL", "Dorsal surface")
PLANTAR: Final = _local("PLANTAR", "Plantar surface")


@dataclass(frozen=True)
class TissueCode:
    """What a tissue is called.

    Parameters
    ----------
    category : Code
        What kind of thing it is (context group 7150).
    kind : Code
        The tissue.
    """

    category: Code
    kind: Code


TISSUE_CODES: Final[dict[str, TissueCode]] = {
    Tissue.INTACT.label: TissueCode(TISSUE, _local("INTACT", "Intact skin")),
    Tissue.ERYTHEMA.label: TissueCode(ABNORMAL_STRUCTURE, _sct("247441003", "Erythema")),
    Tissue.DETACHABLE.label: TissueCode(ABNORMAL_STRUCTURE, _local("DETACHABLE", "Detachable epidermis")),
    Tissue.DETACHED.label: TissueCode(ABNORMAL_STRUCTURE, _local("DETACHED", "Detached epidermis, open skin")),
    Tissue.REEPITHELIALISED.label: TissueCode(TISSUE, _local("REEPITHELIALISED", "Re-epithelialised skin")),
    Tissue.COVERED.label: TissueCode(PHYSICAL_OBJECT, _local("COVERED", "Skin hidden by a dressing, crust or glare")),
    OPEN_LABEL: TissueCode(ABNORMAL_STRUCTURE, _local("OPEN", "Detachable or detached epidermis")),
    UNASSESSED_LABEL: TissueCode(TISSUE, _local("UNASSESSED", "Skin that no photograph showed or that was hidden")),
}
"""Code of each tissue of ``areas.csv`` and of masks, by label."""


@dataclass(frozen=True)
class Site:
    """Where on the body.

    Parameters
    ----------
    location : Code
        The skin of a part of the body.
    laterality : Code, optional
        The patient's side.
    modifier : Code, optional
        Surface, where ``location`` does not name it.
    """

    location: Code
    laterality: Code | None = None
    modifier: Code | None = None


ENTIRE_SKIN: Final = Site(_sct("181469002", "Entire skin"))

_LOCATIONS: Final[dict[str, tuple[Code, Code | None]]] = {
    "head_anterior": (_sct("70762009", "Skin of head"), ANTERIOR),
    "head_posterior": (_sct("70762009", "Skin of head"), POSTERIOR),
    "neck_anterior": (_sct("43081002", "Skin of neck"), ANTERIOR),
    "neck_posterior": (_sct("43081002", "Skin of neck"), POSTERIOR),
    "trunk_anterior": (_sct("181491009", "Skin of anterior trunk"), None),
    # "Skin of back" reaches onto the buttocks, which are regions of their own.
    "trunk_posterior": (_sct("22943007", "Trunk"), POSTERIOR),
    "buttock": (_sct("22180002", "Skin of buttock"), None),
    "genitalia": (_sct("60944009", "Skin of external genitalia"), None),
    "upper_arm_anterior": (_sct("45981001", "Skin of anterior surface of upper arm"), None),
    "upper_arm_posterior": (_sct("72939005", "Skin of posterior surface of upper arm"), None),
    "forearm_anterior": (_sct("70559009", "Skin of anterior surface of forearm"), None),
    "forearm_posterior": (_sct("41550009", "Skin of posterior surface of forearm"), None),
    "hand_dorsal": (_sct("33712006", "Skin of hand"), DORSAL),
    "hand_palmar": (_sct("70887009", "Skin of palm of hand"), None),
    "thigh_anterior": (_sct("61248009", "Skin of anterior surface of thigh"), None),
    "thigh_posterior": (_sct("4578000", "Skin of posterior surface of thigh"), None),
    "lower_leg_anterior": (_sct("25763004", "Skin of anterior surface of lower leg"), None),
    "lower_leg_posterior": (_sct("47224004", "Skin of posterior surface of lower leg"), None),
    "foot_dorsal": (_sct("60496002", "Skin of foot"), DORSAL),
    "foot_plantar": (_sct("60496002", "Skin of foot"), PLANTAR),
}
"""Skin of each region without its side, and its surface where the code does not name it."""

_FRAMED: Final[dict[str, Code]] = {
    "whole": _sct("38266002", "Entire body"),
    "head": _sct("69536005", "Head"),
    "trunk": _sct("22943007", "Trunk"),
    "pelvis": _sct("816092008", "Pelvis"),
    "buttocks": _sct("46862004", "Buttock"),
    "arm": _sct("53120007", "Upper limb"),
    "hand": _sct("85562004", "Hand"),
    "leg": _sct("61685007", "Lower limb"),
    "foot": _sct("56459004", "Foot"),
}
"""Part of the body that a view frames."""


def site_of(region: str) -> Site:
    """Return where a region of ``areas.csv`` lies, or the entire skin for the whole body.

    Parameters
    ----------
    region : str
        One of `reepi.core.regions.REGIONS`, or ``whole_body``.
    """
    if region == WHOLE_BODY:
        return ENTIRE_SKIN
    location, modifier = _LOCATIONS[region.replace("_left", "").replace("_right", "")]
    return Site(location, laterality_of(region), modifier)


def laterality_of(name: str) -> Code | None:
    """Return the patient's side that a region or a limb's view names, or None."""
    return LEFT if "_left" in name else RIGHT if "_right" in name else None


def framed_part(part: str) -> Code:
    """Return the part of the body that views of ``part`` frame, such as ``arm``; see `reepi.core.views.View`."""
    return _FRAMED[part]


def framed_parts() -> tuple[Code, ...]:
    """Return every part of the body that views frame."""
    return tuple(dict.fromkeys(_FRAMED.values()))


def all_codes() -> tuple[Code, ...]:
    """Return every code of the table once."""
    named = [value for value in globals().values() if isinstance(value, Code)]
    tissues = [code for tissue in TISSUE_CODES.values() for code in (tissue.category, tissue.kind)]
    sites = [site_of(region) for region in (*REGIONS, WHOLE_BODY)]
    placed = [code for site in sites for code in (site.location, site.laterality, site.modifier) if code]
    return tuple(dict.fromkeys([*named, *tissues, *placed, *_FRAMED.values()]))
