"""A scored study as DICOM: valid by programs of others, which read the same areas back."""

import io
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest

from reepi.core.errors import InputError
from reepi.core.study import Patient
from reepi.core.tissue import Tissue
from reepi.core.views import VIEW_NAMES
from reepi.dicom.datasets import Visit
from reepi.dicom.exporting import Exported, export_dicom
from reepi.dicom.origins import Run, first_of_several, person_name, readers_of
from reepi.dicom.segmentations import mask_description
from reepi.imaging.writing import decode_mask
from reepi.store.provenance import bytes_hash
from reepi.store.results import ResultsFolder
from written_results import as_of_one_run

Export = tuple[Path, Exported]
Programs = Callable[[str], Callable[..., str]]
FIRST = Path("P1/2024-03-05")


def test_every_scored_photograph_and_visit_is_written(exported: Export) -> None:
    out, told = exported
    assert (told.photographs, told.segmentations, told.reports, told.troubles) == (3, 3, 3, ())
    assert len(list(out.rglob("*.dcm"))) == 9


def test_dicom3tools_finds_no_fault(exported: Export, program: Programs) -> None:
    validate = program("dciodvfy")
    for path in sorted(exported[0].rglob("*.dcm")):
        said = validate(path).splitlines()
        assert len(said) >= 1
        # A private coding scheme is no fault: its designator begins with 99, as PS3.16 section 8.2 asks.
        assert [line for line in said if line.startswith(("Error", "Warning")) and "<99REEPI>" not in line] == []


def test_dcmtk_counts_the_pixels_of_every_mask(
    exported: Export, to_export: Path, tmp_path: Path, program: Programs
) -> None:
    dump = program("dcmdump")
    results = ResultsFolder(to_export / "results")
    for path in sorted(exported[0].rglob("tissues_*.dcm")):
        told = dump("+W", tmp_path, path)
        labels = re.findall(r"LO \[(\w+)\] .*SegmentLabel", told)
        (raw,) = tmp_path.glob(f"{path.name}*.raw")
        mask = decode_mask(results.mask(f"photos/{path.stem.removeprefix('tissues_')}.png").read_bytes())
        bits = np.unpackbits(np.frombuffer(raw.read_bytes(), np.uint8), bitorder="little")
        frames = bits[: len(labels) * mask.size].reshape(len(labels), -1)
        counted = dict(zip(labels, frames.sum(axis=1).tolist(), strict=True))
        assert counted == {
            tissue.label: int((mask == tissue).sum()) for tissue in Tissue if tissue and (mask == tissue).any()
        }


def test_dcmtk_reads_the_areas(exported: Export, to_export: Path, program: Programs) -> None:
    told = program("dsrdump")("+Pl", exported[0] / FIRST / "measurements.dcm")
    read = [float(value) for value in re.findall(r'NUM:.*?="([\d.eE+-]+)"', told.split("Imaging Measurements", 1)[1])]
    rows = [row for row in ResultsFolder(to_export / "results").read_areas() if str(row.date) == FIRST.name]
    known = [each for row in rows for each in (row.percent_bsa, row.percent_bsa_full, row.low, row.high)]
    np.testing.assert_allclose(read, known, rtol=1e-9)


def test_report_refers_to_photographs_and_masks(exported: Export) -> None:
    folder = exported[0] / FIRST
    report = pydicom.dcmread(folder / "measurements.dcm")
    (study,) = report.CurrentRequestedProcedureEvidenceSequence
    other = report.get("PertinentOtherEvidenceSequence", [])
    named = {
        item.ReferencedSOPInstanceUID
        for each in (study, *other)
        for series in each.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    }
    files = [pydicom.dcmread(path) for path in folder.glob("*_a.dcm")]
    assert {each.SOPInstanceUID for each in files} == named
    assert {each.StudyInstanceUID for each in files} == {report.StudyInstanceUID}


def test_exported_again_every_byte_is_the_same(exported: Export, to_export: Path, tmp_path: Path) -> None:
    export_dicom(to_export, to_export / "results", tmp_path)
    for path in exported[0].rglob("*.dcm"):
        assert (tmp_path / path.relative_to(exported[0])).read_bytes() == path.read_bytes()


def test_object_that_is_there_is_not_written_again(exported: Export, to_export: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in exported[0].rglob("*.dcm")}
    export_dicom(to_export, to_export / "results", exported[0])
    assert {path: path.stat().st_mtime_ns for path in exported[0].rglob("*.dcm")} == before


def test_identifiers_are_unique(exported: Export) -> None:
    files = [pydicom.dcmread(path) for path in exported[0].rglob("*.dcm")]
    assert Counter(each.SOPInstanceUID for each in files).most_common(1)[0][1] == 1
    assert len({each.StudyInstanceUID for each in files}) == 3
    assert all(len(each.SOPInstanceUID) <= 64 for each in files)


@pytest.fixture
def changeable(to_export: Path, tmp_path: Path) -> Path:
    """A copy whose areas are those of one visit."""
    folder = Path(shutil.copytree(to_export, tmp_path / "study"))
    results = ResultsFolder(folder / "results")
    rows = [row for row in results.read_areas() if str(row.date) == FIRST.name]
    results.write_tables(rows, results.read_endpoints())
    as_of_one_run(results)
    return folder


def with_rows(study: Path, **changes: object) -> None:
    results = ResultsFolder(study / "results")
    results.write_photos(
        [
            replace(row, **changes) if row.file.endswith("a.png") else row  # type: ignore[arg-type]
            for row in results.read_photos()
        ]
    )
    as_of_one_run(results)


def test_reader_who_counts_is_named(changeable: Path, tmp_path: Path) -> None:
    with_rows(changeable, source="reading by Ann")
    export_dicom(changeable, changeable / "results", tmp_path / "out")
    tissues = pydicom.dcmread(tmp_path / "out" / FIRST / "tissues_a.dcm")
    assert (tissues.ContentCreatorName, tissues.ContentDescription) == (
        "Ann^",
        "Tissues of whole_anterior: reading by Ann",
    )
    assert {each.SegmentAlgorithmType for each in tissues.SegmentSequence} == {"SEMIAUTOMATIC"}


def test_mask_of_several_readers_is_the_first_ones(changeable: Path, tmp_path: Path) -> None:
    """A mask cannot hold the mean that counts; it says so, and the report of the visit names all readers."""
    with_rows(changeable, source="mean of readings by Ann, Bo, against the rejection by Cy")
    export_dicom(changeable, changeable / "results", tmp_path / "out")
    folder = tmp_path / "out" / FIRST
    tissues = pydicom.dcmread(folder / "tissues_a.dcm")
    assert (tissues.ContentCreatorName, tissues.ContentDescription) == (
        "Ann^",
        "First reader's tissue where readers differ: whole_anterior",
    )
    assert "Ann, Bo" in str(pydicom.dcmread(folder / "measurements.dcm"))


@pytest.mark.parametrize("view", VIEW_NAMES)
def test_description_of_a_mask_fits(view: str) -> None:
    """Of several readers none of it is cut off, of one it may be the end of the name."""
    assert mask_description(view, "mean of readings by Ann, Bo").endswith(view)
    for source in ("mean of readings by Ann, Bo", "reading by " + "x" * 64, "proposal"):
        assert len(mask_description(view, source)) <= 64


def test_photograph_that_was_not_scored_is_left_out(changeable: Path, tmp_path: Path) -> None:
    with_rows(changeable, status="rejected", reasons="blurred")
    told = export_dicom(changeable, changeable / "results", tmp_path / "out")
    assert told.photographs == 2
    assert told.remarks == (
        "Not exported, rejected or failed: photos/a.png.",
        "Not exported, areas of visits without a scored photograph: P1 on 2024-03-05.",
    )
    assert not (tmp_path / "out" / FIRST).exists()


def test_corrected_patient_reaches_what_was_exported_before(changeable: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export_dicom(changeable, changeable / "results", out)
    before = {path: pydicom.dcmread(path).SOPInstanceUID for path in (out / FIRST).glob("*.dcm")}
    table = changeable / "patients.csv"
    table.write_text(table.read_text().replace("P1,F,40,", "P1,F,41,"))
    export_dicom(changeable, changeable / "results", out)
    assert pydicom.dcmread(out / FIRST / "photograph_a.dcm").PatientAge == "041Y"
    assert len(before) == 3
    assert all(pydicom.dcmread(path).SOPInstanceUID != uid for path, uid in before.items())


def test_what_the_study_no_longer_has_is_removed(changeable: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export_dicom(changeable, changeable / "results", out)
    others = shutil.copytree(out / "P1", out / "P9") / FIRST.name / "photograph_a.dcm"
    foreign = out / FIRST / "photograph_foreign.dcm"
    foreign.write_text("no DICOM object")
    note = out / FIRST / "note.txt"
    note.write_text("mine")
    with_rows(changeable, status="rejected", reasons="blurred")
    told = export_dicom(changeable, changeable / "results", out)
    assert told.remarks[-1].startswith("Objects removed here, since the study no longer has them: 3.")
    assert {path.name for path in (out / FIRST).iterdir()} == {foreign.name, note.name}
    assert others.is_file()
    assert "removed" not in str(export_dicom(changeable, changeable / "results", out).remarks)


def test_nothing_is_removed_while_there_is_trouble(changeable: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export_dicom(changeable, changeable / "results", out)
    before = {path: path.read_bytes() for path in out.rglob("*.dcm")}
    (changeable / "photos" / "b.png").unlink()
    with_rows(changeable, status="rejected", reasons="blurred")
    assert export_dicom(changeable, changeable / "results", out).troubles
    assert {path: path.read_bytes() for path in out.rglob("*.dcm")} == before


def test_rejected_dicom_original_goes_with_its_mask(changeable: Path, exported: Export, tmp_path: Path) -> None:
    with_original(changeable, exported)
    out = tmp_path / "out"
    export_dicom(changeable, changeable / "results", out)
    with_rows(changeable, status="rejected", reasons="blurred")
    export_dicom(changeable, changeable / "results", out)
    assert list((out / FIRST).glob("*.dcm")) == []


def test_photograph_changed_since_is_trouble_and_the_rest_is_written(changeable: Path, tmp_path: Path) -> None:
    path = changeable / "photos" / "a.png"
    path.write_bytes(path.read_bytes() + b"more")
    told = export_dicom(changeable, changeable / "results", tmp_path / "out")
    assert told.photographs == 2
    assert "photos/a.png: it was changed since it was scored" in told.troubles[0]


def test_hidden_skin_is_not_exported(changeable: Path, tmp_path: Path) -> None:
    from reepi.imaging.writing import encode_mask

    hidden = ResultsFolder(changeable / "results").hidden("photos/a.png")
    hidden.parent.mkdir(exist_ok=True)
    shape = decode_mask(ResultsFolder(changeable / "results").mask("photos/a.png").read_bytes()).shape
    hidden.write_bytes(encode_mask(np.ones(shape, np.uint8), shape))
    export_dicom(changeable, changeable / "results", tmp_path / "out")
    assert not pydicom.dcmread(tmp_path / "out" / FIRST / "photograph_a.dcm").pixel_array.any()


def with_original(study: Path, exported: Export) -> bytes:
    """Put an object of another program in the place of a photograph, as if it had been scored; returns it."""
    dataset = pydicom.dcmread(exported[0] / FIRST / "photograph_a.dcm")
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3", "1.2.3.4"
    content = io.BytesIO()
    dataset.save_as(content)
    original = content.getvalue()
    (study / "photos" / "a.png").write_bytes(original)
    run = ResultsFolder(study / "results").run
    record = json.loads(run.read_text())
    record["inputs"]["photos/a.png"] = bytes_hash(original)
    run.write_text(json.dumps(record))
    return original


def test_dicom_original_stays_as_it_is(changeable: Path, exported: Export, tmp_path: Path) -> None:
    original = with_original(changeable, exported)
    export_dicom(changeable, changeable / "results", tmp_path / "out")
    assert (tmp_path / "out" / FIRST / "photograph_a.dcm").read_bytes() == original
    tissues = pydicom.dcmread(tmp_path / "out" / FIRST / "tissues_a.dcm")
    assert tissues.StudyInstanceUID == pydicom.dcmread(io.BytesIO(original)).StudyInstanceUID


def test_study_that_was_not_scored_is_wrong_input(study_folder: Callable[..., Path], tmp_path: Path) -> None:
    folder = study_folder()
    with pytest.raises(InputError, match="Score the study first"):
        export_dicom(folder, folder / "results", tmp_path / "out")


@pytest.mark.parametrize(
    ("source", "readers", "first"),
    [
        ("proposal", "", ""),
        ("", "", ""),
        ("reading by Ann", "Ann", ""),
        ("mean of readings by Ann, Bo, against the rejection by Cy", "Ann, Bo", "Ann"),
        ("reading by Ann, against the rejection by Cy", "Ann", ""),
        ('mean of readings by "Lee, Ann", Bo', '"Lee, Ann", Bo', "Lee, Ann"),
        ("adjudication by Cleo", "Cleo", ""),
    ],
)
def test_readers_are_those_whose_word_counts(source: str, readers: str, first: str) -> None:
    """Of several whose mean counts, the first is the one whose tissue is shown where they differ."""
    assert (readers_of(source), first_of_several(source)) == (readers, first)


def test_name_of_reader_cannot_break_the_name_field() -> None:
    assert str(person_name("A^n=n\\ B" + "x" * 99)).startswith("A n n B")
    assert str(person_name("x" * 99)) == "x" * 63 + "^"


def test_derived_objects_are_dated_by_the_run_in_the_zone_of_the_visit() -> None:
    patient = Patient("P1", "F", 40, 165, 62)
    dataset, visit = pydicom.Dataset(), Visit("s", patient, datetime.fromisoformat("2024-03-05T09:30:00+02:00"))
    visit.date(dataset, datetime.fromisoformat("2024-03-06T23:00:00+00:00"))
    assert (dataset.ContentDate, dataset.ContentTime) == ("20240307", "010000")
    assert dataset.TimezoneOffsetFromUTC == "+0200"


def test_record_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="no record of a run"):
        Run.of_record({"models": {}})


@pytest.mark.slow
def test_all_areas_of_a_study_are_valid(scored_once: Path, tmp_path: Path, program: Programs) -> None:
    told = export_dicom(scored_once, scored_once / "results", tmp_path)
    assert told.reports == 3
    for path in tmp_path.rglob("measurements.dcm"):
        assert "Error" not in program("dciodvfy")(path)
