"""What tags tell of a photograph reaches the plan of adding; what is missing or damaged tells nothing."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("pydicom", reason="the extra dicom is not installed")

from dicom_objects import dicom_object
from reepi.cli import app
from reepi.cli.incoming import expanded, with_tags
from reepi.core.errors import InputError
from reepi.dicom.importing import imported, objects_of
from reepi.store.adding.plan import Source

PICTURE = np.zeros((80, 100, 3), np.uint8)
TAGS = {
    "PatientID": " 4711 ",
    "ContentDate": "20240305",
    "ContentTime": "093015.12",
    "StudyDate": "20240301",
    "BodyPartExamined": "ARM",
    "ImageLaterality": "L",
    "SeriesDescription": "dermatology",
    "PixelSpacing": [0.25, 0.25],
    "PixelSpacingCalibrationType": "FIDUCIAL",
}


def written(path: Path, **tags: object) -> Path:
    path.write_bytes(dicom_object(PICTURE, **tags))
    return path


def test_tags_tell_patient_moment_words_and_scale(tmp_path: Path) -> None:
    told = imported(written(tmp_path / "IM01", **TAGS))
    assert told is not None
    assert told.patient_id == "4711"
    assert told.taken_at == datetime(2024, 3, 5, 9, 30, 15)
    assert told.words == ("left ARM", "dermatology")
    assert told.mm_per_px == 0.25
    assert told.sop_instance_uid


@pytest.mark.parametrize(
    ("tags", "moment"),
    [
        ({"AcquisitionDateTime": "20240306081500.000+0100", "ContentDate": "20240305"}, datetime(2024, 3, 6, 8, 15)),
        ({"StudyDate": "20240301"}, datetime(2024, 3, 1)),
        ({"StudyDate": ""}, None),
        ({}, None),
    ],
)
def test_the_surest_moment_counts(tmp_path: Path, tags: dict[str, str], moment: datetime | None) -> None:
    told = imported(written(tmp_path / "IM01", **tags))
    assert told is not None
    assert told.taken_at == moment


@pytest.mark.parametrize(
    "spacing", [[0.25, 0.5], [1, 0], [0, 1], [0, 0], [-1, -1], [1], [1, 1, 1], None, ["1e400", "1e400"]]
)
def test_pixels_that_are_no_squares_of_some_size_tell_no_scale(tmp_path: Path, spacing: list[object] | None) -> None:
    """And no error, whatever stands there: the rest of the tags still counts."""
    told = imported(written(tmp_path / "IM01", **TAGS | {"PixelSpacing": spacing}))
    assert told is not None
    assert (told.patient_id, told.mm_per_px) == ("4711", None)


@pytest.mark.parametrize(
    ("calibration", "scale"),
    [("FIDUCIAL", 0.25), ("GEOMETRY", 0.25), ("", None), (None, None), ("ASSUMED", None)],
)
def test_spacing_is_that_of_the_skin_only_where_it_was_calibrated(
    tmp_path: Path, calibration: str | None, scale: float | None
) -> None:
    """Otherwise it may be that of a sensor or a sheet, or 1 for want of anything better (PS3.3, 10.7.1)."""
    told = imported(written(tmp_path / "IM01", **TAGS | {"PixelSpacingCalibrationType": calibration}))
    assert told is not None
    assert told.mm_per_px == scale


def test_another_file_tells_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8\xff" + bytes(200))
    assert imported(path) is None
    assert imported(tmp_path / "gone") is None
    source = Source(path, ("a",), "hash")
    assert with_tags(source) is source


def test_a_damaged_number_tells_nothing(tmp_path: Path) -> None:
    """It is read only when it is asked for, and raises then what is no error of values."""
    path = written(tmp_path / "a.dcm", **TAGS | {"PixelSpacing": [0.5, 0.5]})
    content = path.read_bytes()
    spacing = content.index(b"\x28\x00\x30\x00DS")
    path.write_bytes(content[:spacing] + b"\x28\x00\x30\x00US\x01\x00\x05" + content[spacing + 16 :])
    assert imported(path) is None


def test_tags_become_what_the_plan_knows(tmp_path: Path) -> None:
    """Words stand before the file's own name, which in an archive is a mere number."""
    told = with_tags(Source(written(tmp_path / "IM01", **TAGS), ("ward", "IM01"), "hash"))
    assert told.names == ("ward", "left ARM", "dermatology", "IM01")
    assert (told.patient_id, told.mm_per_px) == ("4711", 0.25)


class TestDirectory:
    @pytest.fixture
    def medium(self, tmp_path: Path) -> Path:
        """A disc with two objects, as written by another program's rules: pydicom's own file sets."""
        from pydicom.fileset import FileSet

        medium = FileSet()
        for number in range(2):
            medium.add(
                written(
                    tmp_path / f"{number}.dcm",
                    PatientID=f"P{number}",
                    PatientName="x",
                    StudyDate="20240301",
                    StudyTime="0900",
                    StudyID="1",
                    StudyInstanceUID=f"1.2.{number}",
                    Modality="XC",
                    SeriesInstanceUID=f"1.3.{number}",
                    SeriesNumber=1,
                    InstanceNumber=1,
                    SOPInstanceUID=f"1.4.{number}",
                )
            )
        medium.write(tmp_path / "medium")
        return tmp_path / "medium"

    @staticmethod
    def objects(medium: Path) -> list[Path]:
        return sorted(path for path in medium.rglob("*") if path.is_file() and path.name.upper() != "DICOMDIR")

    def test_it_stands_for_what_it_lists(self, medium: Path) -> None:
        listed, missing = expanded([medium / "DICOMDIR", medium / "other.jpg"])
        assert (len(listed), missing) == (3, [])
        ids = {told.patient_id for path in listed[:2] if (told := imported(path)) is not None}
        assert ids == {"P0", "P1"}

    def test_what_is_not_there_is_told(self, medium: Path, tmp_path: Path) -> None:
        """One object of a disc was not copied: the call says which, and that something was left out."""
        gone = self.objects(medium)[0]
        gone.unlink()
        listed, missing = expanded([medium / "DICOMDIR"])
        assert (listed, missing) == (self.objects(medium), [gone])
        (tmp_path / "study").mkdir()
        (tmp_path / "study" / "study.toml").write_text('[study]\nname = "S"\nday_zero = "infusion"\n')
        (tmp_path / "study" / "patients.csv").write_text(
            "patient_id,sex,age_years,height_cm,weight_kg,index_date,day_zero_date\nP1,F,40,165,62,2024-03-01,2024-03-05\n"
        )
        call = ["add", str(tmp_path / "study"), str(medium / "DICOMDIR"), "--no-look", "--dry-run"]
        result = CliRunner().invoke(app, call)
        assert result.exit_code == 1
        assert "2 photographs:" in result.stdout
        assert [line for line in result.stdout.splitlines() if gone.name in line and "missing" in line]
        for each in self.objects(medium):
            each.unlink()
        with pytest.raises(InputError, match="none of the objects"):
            expanded([medium / "DICOMDIR"])

    def test_letters_may_be_small(self, medium: Path) -> None:
        """As on a disc that is mounted on a system that makes them so."""
        for path in sorted(medium.rglob("*"), reverse=True):
            path.rename(path.with_name(path.name.lower()))
        listed, missing = expanded([medium / "dicomdir"])
        assert (sorted(listed), missing) == (self.objects(medium), [])
        assert len(listed) == 2

    def test_what_lies_elsewhere_is_not_read(self, medium: Path) -> None:
        """Not through a link either."""
        inside = self.objects(medium)[0]
        inside.rename(medium.parent / "outside")
        inside.symlink_to(medium.parent / "outside")
        assert [*objects_of(medium / "DICOMDIR")] == [path for path in self.objects(medium) if path != inside]

    def test_no_directory_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "DICOMDIR").write_bytes(b"nothing")
        with pytest.raises(ValueError, match="no DICOMDIR"):
            objects_of(tmp_path / "DICOMDIR")
        with pytest.raises(InputError):
            expanded([tmp_path / "DICOMDIR"])
