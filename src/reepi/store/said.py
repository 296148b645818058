"""What people said of a study, as far as it counts: one look at the trail, for one scoring."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reepi.core.capture import CaptureProtocol
from reepi.core.chart_reading import CountingChart
from reepi.core.counting import CountingReadings, counting_by_file
from reepi.core.reader_points import SavedPoints
from reepi.core.registration_decision import Decision
from reepi.core.signature import Signature
from reepi.core.study import Study
from reepi.core.trail import Event, Visit, visit_subject
from reepi.scoring.visits import photos_by_visit
from reepi.store.charts import ChartStore
from reepi.store.finished import FinishedPhotographs
from reepi.store.provenance import photograph_hash
from reepi.store.read_photographs import ReadPhotographs
from reepi.store.reader_points import PointStore, points_hashes
from reepi.store.readings import ReadingStore
from reepi.store.registrations import RegistrationStore
from reepi.store.results import Picture, ResultsFolder
from reepi.store.signatures import SignatureStore
from reepi.store.trail import Trail


@dataclass(frozen=True)
class Said:
    """What counts of all that people said of a study.

    Parameters
    ----------
    study : Path
        The study folder.
    readings : ReadingStore
        Where the masks are.
    counting : mapping of str to CountingReadings
        Readings that count, by photograph.
    points : mapping of str to SavedPoints
        Readers' points that count, by photograph.
    refused : mapping of str to Decision
        Refusals of a photograph's place on the body that stand while it is the same, by photograph.
    charts : mapping of (str, date) to CountingChart
        What counts of body charts, by visit.
    signatures : tuple of Signature
        Those whose reader has changed nothing since.
    head : Event or None
        Newest event of the trail when it was looked at.
    """

    study: Path
    readings: ReadingStore
    counting: Mapping[str, CountingReadings]
    points: Mapping[str, SavedPoints]
    refused: Mapping[str, Decision]
    charts: Mapping[Visit, CountingChart]
    signatures: tuple[Signature, ...]
    head: Event | None

    def readers(
        self,
        results: ResultsFolder,
        finished: FinishedPhotographs,
        pictures: Collection[Picture] = (),
        *,
        keeps: bool = True,
    ) -> ReadPhotographs:
        """Return what lays the readings on the body in place of the model's masks; see `ReadPhotographs`."""
        return ReadPhotographs(
            results,
            self.study,
            finished,
            self.counting,
            self.readings.mask,
            pictures,
            self.refused,
            self.charts,
            keeps=keeps,
        )

    def places(self, capture: CaptureProtocol) -> dict[str, str]:
        """Return hashes of what a photograph is measured by, by file: points and, where eyes are hidden, refusals."""
        hashes = points_hashes(self.points)
        if capture.mask_eyes:
            for file, refusal in self.refused.items():
                hashes[file] = f"{hashes.get(file, '')} refused {refusal.photograph_sha256}"
        return hashes

    def refuses_place(self, file: str) -> bool:
        """Return whether a reader refused where a photograph lies on the body, and it is the same."""
        refusal = self.refused.get(file)
        return refusal is not None and refusal.photograph_sha256 == photograph_hash(self.study / file)

    def refuses(self, file: str, content: str) -> bool:
        """Return whether people rejected a photograph, or its place on the body.

        Parameters
        ----------
        file : str
            File as in ``photos.csv``.
        content : str
            Hash of its content; what was said of another place is no longer about it.
        """
        counts, refusal = self.counting.get(file), self.refused.get(file)
        refused = refusal is not None and refusal.photograph_sha256 == content
        return refused or (counts is not None and bool(counts.rejected))

    def within(self, study: Study) -> "Said":
        """Return what was said of the photographs and visits of a study; the rest decides nothing."""
        files, visits = {entry.file for entry in study.photos}, photos_by_visit(study.photos).keys()
        return replace(
            self,
            counting={file: counts for file, counts in self.counting.items() if file in files},
            points={file: saved for file, saved in self.points.items() if file in files},
            refused={file: decision for file, decision in self.refused.items() if file in files},
            charts={visit: chart for visit, chart in self.charts.items() if visit in visits},
            signatures=tuple(each for each in self.signatures if each.visit in visits),
        )

    def unheard(self, study: Study) -> str:
        """Return in words what counts for nothing, as the study has no such photograph or visit; empty if all counts.

        That is so where a photograph was renamed or its date corrected after somebody read it.
        """
        heard = self.within(study)
        told = [f"the reading of {file}" for file in sorted(self.counting.keys() - heard.counting.keys())]
        told += [f"points on {file}" for file in sorted(self.points.keys() - heard.points.keys())]
        told += [
            f"the body chart of {visit_subject(*visit)} by {self.charts[visit].readers}"
            for visit in sorted(self.charts.keys() - heard.charts.keys())
            if self.charts[visit].says_something
        ]
        if not told:
            return ""
        return f"Not in photos.csv, so it counts for nothing: {'; '.join(told)}. Put name or date back, or say it anew."

    @property
    def charts_that_differ(self) -> tuple[str, ...]:
        """A sentence for each visit of whose body chart readers painted some faces differently."""
        return tuple(
            f"{chart.readers} painted {chart.differing} faces of the body chart of {visit_subject(*visit)} "
            "differently; on each the newest chart counts."
            for visit, chart in sorted(self.charts.items())
            if chart.differing
        )

    @property
    def record(self) -> dict[str, Any]:
        """What of the trail a run rests on, as plain values for ``run.json``."""
        return {
            "readings": {
                file: [each.sha256 for each in counts.readings] for file, counts in sorted(self.counting.items())
            },
            "points": {file: saved.points_sha256 for file, saved in sorted(self.points.items())},
            "charts": {
                visit_subject(*visit): [each.sha256 for each in chart.charts]
                for visit, chart in sorted(self.charts.items())
            },
            "painters": {
                visit_subject(*visit): chart.readers
                for visit, chart in sorted(self.charts.items())
                if chart.says_something
            },
            "signatures": self._signed,
        }

    @property
    def _signed(self) -> dict[str, dict[str, str]]:
        """Who signed each visit, and when."""
        signed: dict[str, dict[str, str]] = {}
        for each in sorted(self.signatures, key=lambda each: (*each.visit, each.reader)):
            signed.setdefault(visit_subject(*each.visit), {})[each.reader] = each.saved_at.isoformat(timespec="seconds")
        return signed


def said_of(study: Path, trail: Trail, reader: str | None = None) -> Said:
    """Return what counts of all that people said of a study.

    Parameters
    ----------
    study : Path
        The study folder.
    trail : Trail
        Its trail. Everything is taken from one moment, while others may go on saving.
    reader : str, optional
        Hear this reader's readings and charts alone, to compare readers; an empty name hears nobody's. Points and
        decisions on registrations, which tell where skin is and not what it is, still count as they do for all.

    Raises
    ------
    InputError
        The data base cannot be used, or the trail does not hold.
    """
    head = trail.head()
    past = trail.until(0 if head is None else head.number)
    readings, charts = ReadingStore(study, trail=past), ChartStore(study, trail=past)
    newest, decided, painted = readings.newest(), readings.decided(), charts.counting()
    if reader is not None:
        newest, decided = tuple(each for each in newest if each.reader == reader), {}
        own = [chart for chart in charts.newest() if chart.reader == reader]
        painted = {chart.visit: CountingChart((chart,)) for chart in own if chart.says_something}
    return Said(
        study,
        readings,
        counting_by_file(newest, decided),
        PointStore(study, trail=past).counting(),
        RegistrationStore(study, trail=past).refused(),
        painted,
        SignatureStore(study, trail=past).standing(),
        head,
    )
