"""Study folders to write, to break and to score."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SETTINGS = """\
[study]
name = "Two patients"
day_zero = "infusion"
visit_days = [0, 5, 7]

[protocol]
body_surface = "patient"
denominator = "peak"
numerator = "followed"
almost_complete_percent = 90
complete_percent = 100
eligibility_percent = 10
eligibility_days = 10
unassessed = "as_region"
"""

PATIENTS = """\
patient_id,sex,age_years,height_cm,weight_kg,index_date,day_zero_date
P1,F,40,165,62,2024-03-01,2024-03-05
P2,M,67,178,80.5,2024-04-01,
"""

PHOTOS = """\
file,patient_id,taken_at,view
photos/a.png,P1,2024-03-05T09:30:00,whole_anterior
photos/b.png,P1,2024-03-10T09:30:00+01:00,whole_anterior
photos/c.png,P2,2024-04-03,trunk_posterior
"""


@dataclass
class StudyFolder:
    """The text files of a study folder, to change before they are written.

    Parameters
    ----------
    path : Path
        The folder.
    settings, patients, photos : str
        Content of ``study.toml``, ``patients.csv`` and ``photos.csv``.
    """

    path: Path
    settings: str = SETTINGS
    patients: str = PATIENTS
    photos: str = PHOTOS
    encoding: str = field(default="utf-8")

    def write(self) -> Path:
        """Write the three files and return the folder."""
        self.path.mkdir(parents=True, exist_ok=True)
        for name, text in (("study.toml", self.settings), ("patients.csv", self.patients), ("photos.csv", self.photos)):
            (self.path / name).write_bytes(text.encode(self.encoding))
        return self.path


@pytest.fixture
def study_folder(tmp_path: Path) -> Callable[..., Path]:
    """Write a valid study folder in which some of the files are replaced; returns it."""

    def _write(**files: str) -> Path:
        return StudyFolder(tmp_path / "study", **files).write()

    return _write
