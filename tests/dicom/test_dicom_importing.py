"""What tags tell of a photograph reaches the plan of adding; what is missing or damaged tells nothing."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pydicom", reason="the extra dicom is not installed")

from dicom_objects import dicom_object
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
    def test_it_stands_for_what_it_lists(self, tmp_path: Path) -> None:
        """As written by another program's rules: pydicom's own file sets."""
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
        listed = expanded([tmp_path / "medium" / "DICOMDIR", tmp_path / "other.jpg"])
        assert len(listed) == 3
        ids = {told.patient_id for path in listed[:2] if (told := imported(path)) is not None}
        assert ids == {"P0", "P1"}

    def test_no_directory_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "DICOMDIR").write_bytes(b"nothing")
        with pytest.raises(ValueError, match="no DICOMDIR"):
            objects_of(tmp_path / "DICOMDIR")
        with pytest.raises(InputError):
            expanded([tmp_path / "DICOMDIR"])
