"""Results of a scored study as values: the rows of its tables, measured photographs and visits."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from reepi.core.tissue import ASSESSED

OPEN_LABEL: Final = "open"
"""Convenience row of ``areas.csv``: detachable + detached. Not part of the sum."""

UNASSESSED_LABEL: Final = "unassessed"
"""Skin that no photograph showed, or that a dressing, crust, glare or blur hid. Never healed."""

PART_LABELS: Final[tuple[str, ...]] = (*(tissue.label for tissue in ASSESSED), UNASSESSED_LABEL)
"""Tissues of ``areas.csv`` whose rows add up to the share of their region."""

AREA_LABELS: Final[tuple[str, ...]] = (*(tissue.label for tissue in ASSESSED), OPEN_LABEL, UNASSESSED_LABEL)
"""Tissues of ``areas.csv`` in the order in which they are written."""

COHORT: Final = "cohort"
"""Stands in the place of ``patient_id`` where an endpoint belongs to the whole study."""

Status = Literal["scored", "rejected", "failed"]


@dataclass(frozen=True)
class AreaRow:
    """One line of ``areas.csv``: one number of one visit.

    Parameters
    ----------
    patient_id : str
        Whose skin.
    date : datetime.date
        Date of the visit.
    day : int or None
        Days since day zero; None where the patient has no day zero yet.
    region : str
        One of `reepi.core.regions.REGIONS`, or ``whole_body``.
    tissue : str
        One of `AREA_LABELS`.
    percent_bsa : float
        Of the skin that was seen [% BSA].
    percent_bsa_full : float
        With the unassessed skin of the region taken as the protocol says [% BSA].
    low, high : float
        90 % interval of ``percent_bsa_full`` [% BSA].
    source : str
        Who said what skin the number rests on, such as ``proposal + reading``; see `reepi.scoring.sources`.
    """

    patient_id: str
    date: date
    day: int | None
    region: str
    tissue: str
    percent_bsa: float
    percent_bsa_full: float
    low: float
    high: float
    source: str = ""


@dataclass(frozen=True)
class DisagreementRow:
    """One line of ``disagreement.csv``: whether the photographs of a visit agree on a region's open skin.

    Parameters
    ----------
    patient_id : str
        Whose skin.
    date : datetime.date
        Date of the visit.
    day : int or None
        Days since day zero; None where the patient has no day zero yet.
    region : str
        One of `reepi.core.regions.REGIONS`, or ``whole_body``.
    overlap_percent_bsa : float
        Skin that two or more photographs show well [% BSA].
    differing_percent_bsa : float
        Part of it that is open by some of them and not by others [% BSA].
    differing_percent : float or None
        The same [% of the overlap]; None where there is no overlap.
    first, second : str
        The two photographs that differ on the most skin; empty where none do.
    pair_percent_bsa : float
        Skin on which these two differ [% BSA].
    source : str
        Who said what these photographs show; as in `AreaRow`.
    """

    patient_id: str
    date: date
    day: int | None
    region: str
    overlap_percent_bsa: float
    differing_percent_bsa: float
    differing_percent: float | None
    first: str
    second: str
    pair_percent_bsa: float
    source: str = ""


@dataclass(frozen=True)
class EndpointRow:
    """One line of ``endpoints.csv``: an endpoint with the definition that gave it.

    Parameters
    ----------
    patient_id : str
        Whose endpoint, or `COHORT`.
    endpoint : str
        Name of the endpoint.
    day : int or None
        Day it belongs to; None where it belongs to no single day.
    value : float, str or None
        The value; None where it cannot be computed (the definition says why).
    low, high : float or None
        Interval, where there is one: 90 % of a patient's endpoint, 95 % of the cohort's.
    unit : str
        Unit, such as ``% BSA``.
    definition : str
        How the value was computed, in a sentence.
    source : str
        Who said what skin the value rests on: that of its visit, or of all visits up to its day where it compares
        them; as in `AreaRow`.
    """

    patient_id: str
    endpoint: str
    day: int | None
    value: float | str | None
    low: float | None
    high: float | None
    unit: str
    definition: str
    source: str = ""


@dataclass(frozen=True)
class ChangeRow:
    """One line of ``changes.csv``: what became of a region's skin since the visits before.

    Its areas are None where nothing of the region was assessed at the visit: nobody saw whether its skin changed.

    Parameters
    ----------
    patient_id : str
        Whose skin.
    date : datetime.date
        Date of the visit.
    day : int or None
        Days since day zero; None where the patient has no day zero yet.
    region : str
        One of `reepi.core.regions.REGIONS`, or ``whole_body``.
    new_detachment : float or None
        Open now, never open before, and seen closed at an earlier visit [% BSA].
    first_seen_open : float or None
        Open now and never assessed before: it may have opened at any time [% BSA].
    healed : float or None
        Closed now, and open when it was last assessed [% BSA].
    relapse : float or None
        Open now, and healed when it was last assessed [% BSA].
    exchanged : float or None
        Skin that seemed to open and as much that seemed to close, in balance at an edge, within the error of the
        mapping [% BSA]. It is not part of the numbers before.
    source : str
        Who said what skin the numbers rest on: that of this and all earlier visits; as in `AreaRow`.
    """

    patient_id: str
    date: date
    day: int | None
    region: str
    new_detachment: float | None
    first_seen_open: float | None
    healed: float | None
    relapse: float | None
    exchanged: float | None
    source: str = ""


@dataclass(frozen=True)
class StudyScore:
    """The numbers of a scored study.

    Parameters
    ----------
    areas : tuple of AreaRow
        Of every visit, in the order of the study.
    endpoints : tuple of EndpointRow
        Of every patient, whether or not there were visits, and then of the cohort.
    changes : tuple of ChangeRow
        Of every visit, in the order of the study.
    disagreement : tuple of DisagreementRow
        Whether the photographs of each visit agree, in the order of the study.
    """

    areas: tuple[AreaRow, ...]
    endpoints: tuple[EndpointRow, ...]
    changes: tuple[ChangeRow, ...]
    disagreement: tuple[DisagreementRow, ...] = ()


@dataclass(frozen=True)
class PatientRows:
    """All that the tables of a study hold of one patient: what is left in memory once the patient is concluded.

    Parameters
    ----------
    patient_id : str
        Whose rows.
    dates : tuple of date
        Of the visits.
    areas, endpoints, changes, disagreement : tuples
        As in `StudyScore`.
    """

    patient_id: str
    dates: tuple[date, ...]
    areas: tuple[AreaRow, ...]
    endpoints: tuple[EndpointRow, ...]
    changes: tuple[ChangeRow, ...]
    disagreement: tuple[DisagreementRow, ...]


@dataclass(frozen=True)
class PhotoRow:
    """One line of ``photos.csv`` of the results: how a photograph ended.

    Parameters
    ----------
    file : str
        As in ``photos.csv`` of the study.
    status : "scored", "rejected" or "failed"
        Measured; not measurable, with a reason; or ended by an error of the program.
    reasons : str
        Why it was not scored, or what to know about it; several are joined by ``"; "``.
    residual_mm : float or None
        Estimated error of its registration [mm].
    seconds : float or None
        Time it took [s].
    source : str
        Who said what it shows: ``proposal``, or ``reading``, ``mean of readings`` or ``adjudication`` with the names;
        nothing where it was not scored and nobody read it.
    """

    file: str
    status: Status
    reasons: str
    residual_mm: float | None
    seconds: float | None
    source: str = ""

    def __post_init__(self) -> None:
        if self.status != "scored" and not self.reasons:
            raise ValueError(f"{self.file} is {self.status} and must say why")


@dataclass(frozen=True)
class PhotographArea:
    """Area of a tissue in a single photograph, without a body to measure on.

    Parameters
    ----------
    file : str
        Name of the photograph.
    tissue : str
        Label of the tissue, or ``open``.
    percent_of_skin : float
        Its area [% of the skin in the photograph]. Skin seen aslant counts as it looks: only a scored study measures on
        the body.
    low, high : float, optional
        90 % interval [% of the skin in the photograph].
    model : str
        Hash of the weights.
    """

    file: str
    tissue: str
    percent_of_skin: float
    low: float | None
    high: float | None
    model: str


@dataclass(frozen=True)
class SuggestionRow:
    """One line of a list of photographs to annotate next, with all that its place follows from.

    Parameters
    ----------
    place : int
        1 for the first.
    file, patient_id : str
        The photograph, as in ``photos.csv``.
    day : int or None
        Day of its visit, where day zero is known.
    view : str
        Declared view.
    score : float
        ``mean_rank`` times what is not redundant, 0 to 1.
    mean_rank : float
        Mean of the ranks by entropy, disagreement and distance, 1 for the first and 0 for the last.
    redundancy : float
        How much it looks like photographs placed before it or read already, 0 to 1.
    entropy : float
        Mean predictive entropy of skin [nat].
    mirrored_percent : float
        Skin that gets another tissue when the photograph is mirrored [% of skin].
    readers_differ_percent : float
        Skin at which readers differ [% of skin].
    distance : float or None
        From the training photographs, in their standard deviations; None where the model does not say what it saw.
    nearer_percent : float or None
        Photographs like those of training that are nearer [%].
    doubt : str
        The two tissues that the model is most unsure between.
    doubt_percent : float
        Where it is unsure between them [% of skin].
    why : str
        The reasons in words.
    """

    place: int
    file: str
    patient_id: str
    day: int | None
    view: str
    score: float
    mean_rank: float
    redundancy: float
    entropy: float
    mirrored_percent: float
    readers_differ_percent: float
    distance: float | None
    nearer_percent: float | None
    doubt: str
    doubt_percent: float
    why: str
