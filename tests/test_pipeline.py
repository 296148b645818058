"""The whole measurement on painted photographs: the right answer is what was painted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from reepi.body.template import BodyTemplate, build_template
from reepi.core.capture import CaptureProtocol
from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph, TissueMap
from reepi.core.measured import EndedPhotograph, MeasuredPhotograph
from reepi.core.reader_points import ReaderPoint
from reepi.core.regions import REGIONS
from reepi.core.results import PhotoRow, StudyScore
from reepi.core.study import Patient, PhotoEntry, Study
from reepi.core.views import View
from reepi.instruments import Archive, Instruments, MemoryArchive
from reepi.mapping.earlier import RegisteredPhotograph
from reepi.pipeline import Bench, measure_photograph, scored_in_turn
from reepi.scoring.conclusion import ConcludedPatient, concluded_patient, study_score
from reepi.store.study import read_study


def scored(
    study: Study,
    folder: Path,
    instruments: Instruments,
    archive: Archive | None = None,
    progress: Callable[[PhotoRow], None] = lambda row: None,
) -> tuple[StudyScore, list[PhotoRow], dict[str, ConcludedPatient]]:
    """Score a study; return its numbers, how its photographs ended in the order of the list, and its patients."""
    bench = Bench(folder, instruments, archive or MemoryArchive())
    ended, patients = [], {}
    for photographs, patient in scored_in_turn(study, bench, progress):
        ended += [each.row for each in photographs]
        patients[patient.patient.patient_id] = patient
    rows = {row.file: row for row in ended}
    score = study_score(study, [patient.rows for patient in patients.values()])
    return score, [rows[entry.file] for entry in study.photos], patients


def share_of(patient: Patient, region: str) -> float:
    template = build_template(patient)
    return float(template.shares("patient", patient.age_years)[template.regions == REGIONS.index(region)].sum())


class TestNumbers:
    def test_painted_chest(self, painted_study: Path, instruments: Instruments) -> None:
        """The chest is open on day 0 and healed on day 5: open skin is the chest's share, then 0; the rate is 100 %."""
        study = read_study(painted_study)
        score, _, _ = scored(study, painted_study, instruments)
        found = {
            (row.patient_id, row.day): row
            for row in score.areas
            if (row.region, row.tissue) == ("trunk_anterior", "open")
        }
        chest = share_of(study.patient("P1"), "trunk_anterior")
        assert found["P1", 0].percent_bsa_full == pytest.approx(chest, abs=0.3)
        assert found["P1", 5].percent_bsa_full == pytest.approx(0, abs=0.01)
        rates = {row.day: row.value for row in score.endpoints if row.endpoint == "reepithelialisation_rate_closed"}
        assert rates[5] == pytest.approx(100, abs=1)

    def test_photograph_given_twice_changes_nothing(
        self, painted_study: Path, painted_pictures: dict[str, bytes], instruments: Instruments
    ) -> None:
        """Skin seen twice is counted once."""
        once = read_study(painted_study)
        (painted_study / "photos" / "again.png").write_bytes(painted_pictures["a.png"])
        twice = replace(once, photos=(*once.photos, replace(once.photos[0], file="photos/again.png")))
        scores = [scored(study, painted_study, instruments)[0] for study in (once, twice)]
        assert scores[0] == scores[1]

    def test_photographs_that_contradict_each_other_are_told_apart(
        self, painted_study: Path, instruments: Instruments
    ) -> None:
        """Open in one photograph of the day and healed in the other: they differ on the chest, and nobody is sure."""
        study = read_study(painted_study)
        opened, healed, *_ = study.photos
        same_day = replace(study, photos=(opened, replace(healed, taken_at=opened.taken_at)))
        score, _, _ = scored(same_day, painted_study, instruments)
        chest = share_of(study.patient("P1"), "trunk_anterior")
        rows = {row.region: row for row in score.disagreement}
        assert rows["trunk_anterior"].differing_percent == pytest.approx(100, abs=2)
        assert rows["whole_body"].differing_percent_bsa == pytest.approx(
            rows["trunk_anterior"].overlap_percent_bsa, abs=0.3
        )
        assert {rows["whole_body"].first, rows["whole_body"].second} == {opened.file, healed.file}
        (row,) = [row for row in score.areas if (row.region, row.tissue) == ("trunk_anterior", "open")]
        assert row.percent_bsa_full == pytest.approx(chest / 2, abs=0.3)
        # Two measurements, all and nothing: 1.645 standard deviations of their mean reach from nothing to all.
        assert (row.low, row.high) == pytest.approx((0, chest), abs=0.3)

    def test_a_patient_without_photographs_has_endpoints(self, painted_study: Path) -> None:
        """All of them, each with its reason; also what the ward knows. Areas and changes there are none."""
        study = read_study(painted_study)
        nobody = [concluded_patient(part, (), None) for part in study.by_patient()]
        score = study_score(study, [patient.rows for patient in nobody])
        assert (score.areas, score.changes) == ((), ())
        assert all(patient.score.history is None for patient in nobody)
        for patient in study.patients:
            rows = {row.endpoint: row for row in score.endpoints if row.patient_id == patient.patient_id}
            assert {"open_bsa", "responder", "healing_front_mm_per_day", "scorten", "time_to_90"} <= set(rows)
            assert all(row.value is None and row.definition for row in rows.values())

    def test_what_became_of_the_skin(self, painted_study: Path, instruments: Instruments) -> None:
        """The chest is seen open on day 0 and healed on day 5: what was followed of it healed by then."""
        study = read_study(painted_study)
        score, _, patients = scored(study, painted_study, instruments)
        chest = share_of(study.patient("P1"), "trunk_anterior")
        rows = {row.day: row for row in score.changes if (row.patient_id, row.region) == ("P1", "trunk_anterior")}
        followed = rows[0].first_seen_open
        assert 0.85 * chest < followed <= chest + 0.3
        assert rows[5].healed == pytest.approx(followed, abs=0.01)
        history = patients["P1"].score.history
        assert history is not None
        template = build_template(study.patient("P1"))
        shares = template.shares("patient", study.patient("P1").age_years)
        assert shares[history.healed_to_day == 5].sum() == pytest.approx(followed, abs=0.3)

    def test_order_of_the_list_changes_no_number(self, painted_study: Path, instruments: Instruments) -> None:
        """Rows come in the order of the list, numbers do not depend on it."""
        study = read_study(painted_study)
        turned = replace(study, photos=study.photos[::-1])
        (first, rows, _), (second, turned_rows, _) = (scored(s, painted_study, instruments) for s in (study, turned))
        assert [row.file for row in turned_rows] == [row.file for row in rows][::-1]
        assert first == second


class TestBadPhotographs:
    def test_reasons_and_the_rest(self, painted_study: Path, instruments: Instruments) -> None:
        """A missing, a damaged and an unregistered photograph end with their reasons, and the rest is scored."""
        (painted_study / "photos" / "b.png").unlink()
        (painted_study / "photos" / "c.png").write_bytes(b"damaged")
        study = read_study(painted_study)
        head = replace(study.photos[0], file="photos/head.png", view_name="head_anterior")
        (painted_study / head.file).write_bytes((painted_study / "photos" / "a.png").read_bytes())
        study = replace(study, photos=(*study.photos, head))
        _, rows, _ = scored(study, painted_study, instruments)
        assert [row.status for row in rows] == ["scored", "rejected", "rejected", "rejected"]
        assert [row.reasons.split(":")[0] for row in rows][1:] == ["missing", "unreadable", "not_registered"]

    def test_error_of_the_program_is_kept_to_its_photograph(
        self, painted_study: Path, instruments: Instruments
    ) -> None:
        """What breaks on one photograph is told with its type and message, and the batch goes on."""

        def breaks_on_the_healed(photograph: Photograph) -> TissueMap:
            tissues = instruments.segment(photograph)
            if (tissues.mask == 5).any():
                raise RuntimeError("out of\nmemory")
            return tissues

        broken = replace(instruments, segment=breaks_on_the_healed)
        _, rows, _ = scored(read_study(painted_study), painted_study, broken)
        assert [row.status for row in rows] == ["scored", "failed", "scored"]
        assert rows[1].reasons == "RuntimeError: out of memory"

    def test_visit_without_a_scored_photograph_is_unassessed(
        self, painted_study: Path, instruments: Instruments
    ) -> None:
        """Skin that nobody could measure is unassessed, never healed."""
        (painted_study / "photos" / "b.png").unlink()
        study = read_study(painted_study)
        areas = scored(study, painted_study, instruments)[0].areas
        body = {row.tissue: row for row in areas if row.region == "whole_body" and row.date == date(2024, 3, 10)}
        assert body["unassessed"].percent_bsa == pytest.approx(100)
        assert body["open"].high > 30

    def test_body_that_cannot_be_built(self, painted_study: Path, instruments: Instruments) -> None:
        """Without a body template the patient's photographs are rejected; other patients are measured."""

        def no_second(patient: Patient) -> object:
            if patient.patient_id == "P2":
                raise ValueError("no such body")
            return build_template(patient)

        broken = replace(instruments, template_of=no_second)
        _, rows, patients = scored(read_study(painted_study), painted_study, broken)
        assert [row.status for row in rows] == ["scored", "scored", "rejected"]
        assert rows[2].reasons.startswith("no_body_template: no such body")
        assert [name for name, patient in patients.items() if patient.visits] == ["P1"]


def test_rejected_photograph_keeps_its_mask(painted_study: Path, instruments: Instruments) -> None:
    """What was found before the rejection is there for the reader."""
    entry = replace(read_study(painted_study).photos[0], view_name="head_anterior")
    template = build_template(read_study(painted_study).patients[0])
    measured = measure_photograph(painted_study / entry.file, entry, template, instruments)
    assert measured.row.status == "rejected"
    assert (measured.mask == 4).any()
    assert set(measured.steps) == {"read", "standardise", "segment", "register"}
    assert measured.row.seconds == pytest.approx(sum(measured.steps.values()), abs=0.01)


@pytest.mark.parametrize("file", ["photos/a.png", "photos/c.png"])
def test_what_is_rejected_before_it_is_laid_is_hidden_whole(
    painted_study: Path, instruments: Instruments, file: str
) -> None:
    """A photograph changed since points were placed on it has no place, so nobody knows where its eyes are."""

    def outdated(file: str) -> tuple[ReaderPoint, ...]:
        raise PhotographRejected("points_outdated", "the photograph was changed")

    study = read_study(painted_study)
    entry = next(each for each in study.photos if each.file == file)
    template = build_template(study.patient(entry.patient_id))
    told = replace(instruments, points_of=outdated, capture=CaptureProtocol(mask_eyes=True))
    measured = measure_photograph(painted_study / file, entry, template, told)
    assert measured.row.reasons.startswith("points_outdated")
    assert measured.hidden is not None
    assert measured.hidden.all()


def test_archive_is_asked_first(painted_study: Path, instruments: Instruments) -> None:
    """A finished photograph is neither read nor measured again."""

    class Full(MemoryArchive):
        def find(self, entry: PhotoEntry, patient: Patient, earlier: EndedPhotograph | None) -> MeasuredPhotograph:
            return MeasuredPhotograph(PhotoRow(entry.file, "rejected", "as before", None, None))

    def never(*args: object) -> None:
        pytest.fail("measured again")

    progress: list[PhotoRow] = []
    silent = replace(instruments, segment=never)
    _, rows, _ = scored(read_study(painted_study), painted_study, silent, Full(), progress.append)
    assert {row.reasons for row in rows} == {"as before"}
    assert sorted(row.file for row in progress) == sorted(row.file for row in rows)


def test_inputs_are_left_untouched(painted_study: Path, instruments: Instruments) -> None:
    """The originals have the same bytes after the measurement."""
    before = {path: path.read_bytes() for path in painted_study.rglob("*") if path.is_file()}
    scored(read_study(painted_study), painted_study, instruments)
    assert {path: path.read_bytes() for path in painted_study.rglob("*") if path.is_file()} == before


def test_a_later_day_is_told_of_the_same_view(painted_study: Path, instruments: Instruments) -> None:
    """The second visit's chest leans on the first's; photographs of one day do not lean on each other."""

    class Remembering(MemoryArchive):
        def recall(self, entry: PhotoEntry, template: BodyTemplate, content: str = "") -> RegisteredPhotograph | None:
            return entry.file  # type: ignore[return-value]

    heard: dict[str, object] = {}

    def register(
        photograph: Photograph, tissues: TissueMap, view: View, template: BodyTemplate, earlier: str
    ) -> object:
        heard[f"{len(heard)} {view.name}"] = earlier
        return instruments.register(photograph, tissues, view, template, None)

    scored(read_study(painted_study), painted_study, replace(instruments, register=register), Remembering())
    assert list(heard.values()) == [None, "photos/a.png", None]


def test_an_earlier_day_that_cannot_be_read_fails_the_photograph(painted_study: Path, instruments: Instruments) -> None:
    """Measured without it, it would be kept as if it had leaned on it; the next run tries it again."""

    class Forgetful(MemoryArchive):
        def recall(self, entry: PhotoEntry, template: BodyTemplate, content: str = "") -> RegisteredPhotograph | None:
            return None

    _, rows, _ = scored(read_study(painted_study), painted_study, instruments, Forgetful())
    ended = {row.file: row for row in rows}
    assert (ended["photos/a.png"].status, ended["photos/b.png"].status) == ("scored", "failed")
    assert "photos/a.png" in ended["photos/b.png"].reasons
