"""What the report says, as values: pure, without pictures and without markup."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from reepi.core.regions import WHOLE_BODY
from reepi.core.results import (
    OPEN_LABEL,
    UNASSESSED_LABEL,
    AreaRow,
    ChangeRow,
    DisagreementRow,
    EndpointRow,
    PhotoRow,
)
from reepi.core.study import Patient, PhotoEntry, Study
from reepi.core.tissue import COLOURS, Tissue
from reepi.report.coverage import STEP_COLOURS, Retake, step_names, views_to_take
from reepi.report.deciders import (
    StudyDeciders,
    VisitDeciders,
    decided_words,
    why_words,
)
from reepi.report.textures import TEXTURED, TEXTURES, Texture
from reepi.report.words import number, region_title
from reepi.scoring.intervals import ROUNDING
from reepi.store.freezing import FrozenState

LARGE_DISAGREEMENT_PERCENT: Final = 20.0
"""Photographs disagree about a region if they differ on this much of the skin that several of them show [%] ..."""

LARGE_DISAGREEMENT_BSA: Final = 0.5
"""... and on at least this much of the body [% BSA]; what is less is the edge of a lesion, a little displaced."""

LEAST_SHOWN_BSA: Final = 0.005
"""Less than this is written as 0.00 [% BSA]."""

MOST_PICTURED: Final = 2400
"""A study of more photographs is reported without their pictures: with those of so many the page had 54 MB, and a
browser reads all of it before it shows anything."""

NOT_ASSESSED: Final = "no skin assessed"
"""What is said of a visit instead of its areas where all its photographs were rejected."""

Hex = str


@dataclass(frozen=True)
class Key:
    """A colour of a legend, with the marks on it, and what it stands for."""

    label: str
    colour: Hex
    texture: Texture = "plain"
    marks: Hex = "#ffffff"


@dataclass(frozen=True)
class OpenCell:
    """Open skin of a region at a visit: its area [% BSA], and the part of the region that it is, 0 to 1."""

    percent_bsa: float
    part: float


@dataclass(frozen=True)
class RegionLine:
    """One region at one visit [% BSA]; ``seen`` in the order of `PART_LABELS`."""

    region: str
    title: str
    seen: tuple[float, ...]
    open: AreaRow

    @property
    def unassessed(self) -> float:
        """Unassessed skin [% BSA]."""
        return self.seen[-1]

    @property
    def assessed_part(self) -> float:
        """Assessed part of the region, 0 to 1."""
        return 1 - self.unassessed / self.share if self.share else 0.0

    @property
    def share(self) -> float:
        """The whole region [% BSA]."""
        return sum(self.seen)

    @property
    def is_assessed(self) -> bool:
        """Whether any of it was assessed; where nothing was, its open skin is filled in from other regions."""
        return self.share - self.unassessed > ROUNDING

    @property
    def open_cell(self) -> OpenCell | None:
        """Its open skin, unassessed skin filled in; None where nothing of it was assessed."""
        if not self.is_assessed:
            return None
        area = self.open.percent_bsa_full
        return OpenCell(area, min(area / self.share, 1.0))


@dataclass(frozen=True)
class OpenRegions:
    """Open skin of a patient's regions.

    Parameters
    ----------
    lines : tuple of (str, tuple of OpenCell or None)
        Regions that were open at a visit, with their open skin at each; None where nothing of the region was assessed.
    never : tuple of str
        Regions that were assessed and never open.
    unassessed : tuple of str
        Regions that were never assessed.
    """

    lines: tuple[tuple[str, tuple[OpenCell | None, ...]], ...]
    never: tuple[str, ...]
    unassessed: tuple[str, ...]


@dataclass(frozen=True)
class PhotoContent:
    """One photograph: how it ended, and where to find it."""

    entry: PhotoEntry
    row: PhotoRow

    @property
    def title(self) -> str:
        """The declared view in words."""
        return self.entry.view_name.replace("_", " ")

    @property
    def decided(self) -> str:
        """Who decided what it shows."""
        return decided_words(self.row)

    @property
    def why(self) -> str:
        """Why it was not scored, or what to know about it."""
        return why_words(self.row)


@dataclass(frozen=True)
class DisagreementLine:
    """A region about which photographs disagree, and the two that do most, each with its view in words."""

    title: str
    row: DisagreementRow
    views: tuple[str, str]


@dataclass(frozen=True)
class VisitContent:
    """One visit in numbers.

    Parameters
    ----------
    date : datetime.date
        Date.
    day : int or None
        Day since day zero.
    body : dict of AreaRow
        The whole body's rows by tissue.
    regions : tuple of RegionLine
        The 33 regions.
    rate : EndpointRow or None
        Primary re-epithelialisation rate.
    photos : tuple of PhotoContent
        Photographs of the visit.
    disagreement : tuple of DisagreementRow
        Whether they agree, by region and for the whole body; empty where nobody looked.
    deciders : VisitDeciders
        Who decided what its skin is.
    change : ChangeRow, optional
        What became of the whole body's skin since the visits before; None where the results do not say.
    """

    date: date
    day: int | None
    body: Mapping[str, AreaRow]
    regions: tuple[RegionLine, ...]
    rate: EndpointRow | None
    photos: tuple[PhotoContent, ...]
    disagreement: tuple[DisagreementRow, ...]
    deciders: VisitDeciders
    change: ChangeRow | None = None

    @property
    def title(self) -> str:
        """The day, or the date where there is no day zero."""
        return self.date.isoformat() if self.day is None else f"Day {self.day}"

    @property
    def open(self) -> AreaRow:
        """Open skin of the whole body."""
        return self.body[OPEN_LABEL]

    @property
    def unassessed(self) -> float:
        """Unassessed skin [% BSA]."""
        return self.body[UNASSESSED_LABEL].percent_bsa

    @property
    def is_assessed(self) -> bool:
        """Whether any skin was assessed; where none was, all its areas are filled in from nothing."""
        return self.unassessed < 100 - ROUNDING

    @property
    def seen_change(self) -> ChangeRow | None:
        """What became of the whole body's skin; None where nothing was assessed, or the results do not say."""
        return self.change if self.is_assessed and self.change and self.change.healed is not None else None

    @property
    def open_words(self) -> str:
        """Open skin of the whole body in words."""
        return f"{number(self.open.percent_bsa_full)} % BSA" if self.is_assessed else NOT_ASSESSED

    @property
    def to_take(self) -> tuple[Retake, ...]:
        """Views to take again, those that miss most first."""
        regions = {line.region: (line.unassessed, line.assessed_part) for line in self.regions if sum(line.seen)}
        return views_to_take(regions, [(photo.entry.view_name, photo.row) for photo in self.photos])

    @property
    def overlap(self) -> DisagreementRow | None:
        """Agreement of the photographs about the whole body; None where no skin shows in two of them."""
        body = (row for row in self.disagreement if row.region == WHOLE_BODY)
        return next((row for row in body if row.overlap_percent_bsa > 0), None)

    @property
    def disagreeing(self) -> tuple[DisagreementLine, ...]:
        """Regions about which photographs disagree much, the largest area first."""
        views = {photo.entry.file: photo.title for photo in self.photos}
        large = [row for row in self.disagreement if row.region != WHOLE_BODY and _is_large(row)]
        return tuple(
            DisagreementLine(
                region_title(row.region), row, (views.get(row.first, row.first), views.get(row.second, row.second))
            )
            for row in sorted(large, key=lambda row: -row.differing_percent_bsa)
        )


@dataclass(frozen=True)
class EndpointGroup:
    """An endpoint at all its days; the definition stands once where it is the same for all."""

    name: str
    title: str
    rows: tuple[EndpointRow, ...]

    @property
    def definition(self) -> str | None:
        """The one definition of all rows, or None where they differ."""
        found = {row.definition for row in self.rows}
        return found.pop() if len(found) == 1 else None


@dataclass(frozen=True)
class PatientContent:
    """Everything the report says of one patient.

    Parameters
    ----------
    anchor : str
        Where links jump to; made of a number, not of the identifier.
    patient : Patient
        Identifier and facts.
    visits : tuple of VisitContent
        By date.
    endpoints : tuple of EndpointGroup
        In the order of ``endpoints.csv``.
    rejected : tuple of PhotoContent
        Photographs that were not scored.
    """

    anchor: str
    patient: Patient
    visits: tuple[VisitContent, ...]
    endpoints: tuple[EndpointGroup, ...]
    rejected: tuple[PhotoContent, ...]

    @property
    def open_regions(self) -> OpenRegions:
        """Open skin of the regions by visit, unassessed skin filled in."""
        lines: list[tuple[str, tuple[OpenCell | None, ...]]] = []
        never, unassessed = [], []
        for of_visits in zip(*(visit.regions for visit in self.visits), strict=True):
            title, cells = of_visits[0].title, tuple(line.open_cell for line in of_visits)
            areas = [cell.percent_bsa for cell in cells if cell is not None]
            if not areas:
                unassessed.append(title)
            elif max(areas) < LEAST_SHOWN_BSA:
                never.append(title)
            else:
                lines.append((title, cells))
        return OpenRegions(tuple(lines), tuple(never), tuple(unassessed))

    def endpoint(self, name: str) -> EndpointRow | None:
        """Return the last row of an endpoint that has a value, or else its last row, if it has any."""
        rows = [row for group in self.endpoints if group.name == name for row in group.rows]
        return next((row for row in reversed(rows) if row.value is not None), rows[-1] if rows else None)


@dataclass(frozen=True)
class ReportContent:
    """Everything the report says; see `reepi.report.gathering.report_content`.

    ``left_out`` names patients of whom there are results and who are no longer in the study.
    """

    study: Study
    patients: tuple[PatientContent, ...]
    cohort: tuple[EndpointGroup, ...]
    photos: Mapping[str, int]
    origin: Mapping[str, Any]
    legend: tuple[Key, ...]
    coverage_legend: tuple[Key, ...]
    deciders: StudyDeciders
    frozen: FrozenState | None = None
    changed: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def pictured(self) -> bool:
        """Whether the photographs themselves are shown; see `MOST_PICTURED`."""
        return sum(self.photos.values()) <= MOST_PICTURED

    @property
    def unpictured_words(self) -> str:
        """Why the photographs are not shown, and where to look at them; empty where they are shown."""
        if self.pictured:
            return ""
        return (
            f"This study has {sum(self.photos.values()):,} photographs. Reports of more than {MOST_PICTURED:,} leave "
            "out their pictures; those with tissues on lie in overlays/ of the results, if they were written."
        )


def legend() -> tuple[Key, ...]:
    """Return the tissues that charts and overlays show, with their colours."""
    return tuple(
        Key(
            tissue.label,
            hex_colour(tissue),
            TEXTURES.get(tissue, "plain"),
            _hex(TEXTURED.get(tissue, COLOURS[tissue])),
        )
        for tissue in Tissue
        if tissue is not Tissue.BACKGROUND
    )


def coverage_legend() -> tuple[Key, ...]:
    """Return the steps of the coverage chart with their colours."""
    return tuple(Key(name, _hex(colour)) for name, colour in zip(step_names(), STEP_COLOURS, strict=True))


def hex_colour(tissue: Tissue) -> Hex:
    """Return the colour of a tissue as ``#rrggbb``."""
    return _hex(COLOURS[tissue])


def _hex(colour: tuple[int, int, int]) -> Hex:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _is_large(row: DisagreementRow) -> bool:
    return (row.differing_percent or 0.0) >= LARGE_DISAGREEMENT_PERCENT and (
        row.differing_percent_bsa >= LARGE_DISAGREEMENT_BSA
    )
