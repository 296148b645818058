"""Studies to score for time: the sample study enlarged to a camera's size, and cheap ones of any number of photographs.

All of them are the same, byte for byte, each time they are made.
"""

import csv
import os
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from reepi.core.images import Pixels
from reepi.store.shipped import sample_study

LONG_SIDE: Final = 4000
"""Long side of an enlarged photograph [px]; with sides of 3 to 4 that is 12 megapixels."""

GRAIN: Final = 5.0
"""Standard deviation of the grain on an enlarged photograph: with it a file is as large as a camera's, 2 to 5 MB."""

QUALITY: Final = 92
"""JPEG quality that cameras use."""

VIEWS_OF_A_VISIT: Final = 5
VISITS_OF_A_PATIENT: Final = 2
"""A cheap study's visits: an earlier day and a later one, so that every tenth, hundredth and thousandth photograph ends
a patient, and studies of all sizes are the same mixture."""

WEIGHT_STEP_KG: Final = 0.05
"""Each further patient weighs so much more, since a body that is built twice may come from a cache."""

Row = dict[str, str]


def enlarged_study(folder: Path, patients: int = 1, long_side: int = LONG_SIDE) -> Path:
    """Make the sample study with larger photographs, repeated for several patients with other grain; return its folder.

    A folder in which that study was finished before stays as it is.
    """
    rows, people = _sample_rows("photos.csv"), _sample_rows("patients.csv")
    made, told = [], []
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    for patient in range(patients):
        told += [_person(person, _renamed(person["patient_id"], patient), patient) for person in people]
        for number, row in enumerate(rows):
            name = _renamed(Path(row["file"]).name, patient)
            made.append({**row, "file": f"photos/{name}", "patient_id": _renamed(row["patient_id"], patient)})
            if not (folder / "photos" / name).exists():
                pixels = cv2.imread(str(sample_study() / row["file"]))
                _write_jpeg(folder / "photos" / name, _enlarged(pixels, long_side, seed=patient * len(rows) + number))
    return _tables(folder, made, told)


def cheap_study(folder: Path, photographs: int, one_patient: bool = False, long_side: int | None = None) -> Path:
    """Make a study of so many photographs from ten of the sample, with hashes of their own; return its folder.

    Parameters
    ----------
    folder : Path
        Where it shall lie.
    photographs : int
        How many photographs; in full patients where it is a multiple of ten.
    one_patient : bool
        Whether they all are of one patient, who then has a visit a day, and not of a patient for every ten.
    long_side : int, optional
        Long side of the photographs [px]; as in the sample unless told.
    """
    originals, (person,) = _sample_visits(long_side), _sample_rows("patients.csv")
    first_day = datetime.fromisoformat(person["day_zero_date"])
    whole = photographs if one_patient else VIEWS_OF_A_VISIT * VISITS_OF_A_PATIENT
    rows, patients = [], -(-photographs // whole)
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    for index in range(photographs):
        patient, (visit, place) = index // whole, divmod(index % whole, VIEWS_OF_A_VISIT)
        view, content = originals[visit % VISITS_OF_A_PATIENT][place]
        name, taken = f"C{patient:04d}", first_day + timedelta(days=visit, hours=9, minutes=place)
        file = f"photos/{name}_{visit:04d}_{view}.jpg"
        (folder / file).write_bytes(_marked(content, f"{name} {visit} {place}"))
        rows.append({"file": file, "patient_id": name, "taken_at": taken.isoformat(), "view": view})
    told = [_person(person, f"C{patient:04d}", patient) for patient in range(patients)]
    return _tables(folder, rows, told)


def first_of(study: Path, folder: Path, photographs: int) -> Path:
    """Make a study of the first photographs of another, linked where the system can; return its folder."""
    return _part_of(study, folder, read_rows(study / "photos.csv")[:photographs])


def few_of(study: Path, folder: Path, photographs: int) -> Path:
    """Make a study of a few of another's photographs, a whole body among them: all networks are begun for them."""
    rows = read_rows(study / "photos.csv")
    whole = [row for row in rows if row["view"].startswith("whole")][:1]
    others = [row for row in rows if row not in whole][: photographs - len(whole)]
    return _part_of(study, folder, [row for row in rows if row in whole or row in others])


def _part_of(study: Path, folder: Path, rows: Sequence[Row]) -> Path:
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    for row in rows:
        _linked(study / row["file"], folder / row["file"])
    named = {row["patient_id"] for row in rows}
    return _tables(folder, rows, [row for row in read_rows(study / "patients.csv") if row["patient_id"] in named])


def read_rows(table: Path) -> list[Row]:
    """Return the rows of a CSV file."""
    with table.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def spread(study: Path, photographs: int) -> list[Row]:
    """Return so many lines of a study's photographs, evenly over all of them."""
    rows = read_rows(study / "photos.csv")
    places = np.linspace(0, len(rows) - 1, min(photographs, len(rows))).round().astype(int)
    return [rows[place] for place in places]


def _enlarged(pixels: Pixels, long_side: int, seed: int) -> Pixels:
    height, width = pixels.shape[:2]
    scale = long_side / max(height, width)
    large = cv2.resize(pixels, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(seed).standard_normal(large.shape[:2], np.float32) * np.float32(GRAIN)
    return np.clip(large + grain[..., None], 0, 255).astype(np.uint8)


def _sample_visits(long_side: int | None) -> list[list[tuple[str, bytes]]]:
    """Return the views and contents of the photographs that cheap studies repeat, by visit."""
    days: dict[str, list[tuple[str, bytes]]] = {}
    for row in _sample_rows("photos.csv"):
        content = (sample_study() / row["file"]).read_bytes()
        if long_side is not None:
            pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
            scale = long_side / max(pixels.shape)
            content = _jpeg(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
        days.setdefault(row["taken_at"][:10], []).append((row["view"], content))
    return [days[day][:VIEWS_OF_A_VISIT] for day in sorted(days)[:VISITS_OF_A_PATIENT]]


def _marked(content: bytes, comment: str) -> bytes:
    """Return a JPEG file's content with a comment (marker FFFE, ITU-T T.81 B.2.4.5) after its first marker."""
    text = comment.encode()
    return content[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + content[2:]


def _jpeg(pixels: Pixels) -> bytes:
    written, content = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not written:
        raise ValueError(f"an image of {pixels.shape} cannot be written as JPEG")
    return bytes(content)


def _write_jpeg(path: Path, pixels: Pixels) -> None:
    """Write in one step, so that a study that is made again after a killed run holds no half of a file."""
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(_jpeg(pixels))
    unfinished.replace(path)


def _renamed(name: str, patient: int) -> str:
    """Return the sample's name of a patient or file for the n-th patient; the first keeps it."""
    return name.replace("P01", f"P{patient + 1:02d}")


def _person(person: Row, name: str, patient: int) -> Row:
    """Return a patient of the sample as the n-th one, with a body that no other has."""
    return {**person, "patient_id": name, "weight_kg": f"{float(person['weight_kg']) + WEIGHT_STEP_KG * patient:.2f}"}


def _sample_rows(name: str) -> list[Row]:
    return read_rows(sample_study() / name)


def _tables(folder: Path, photos: list[Row], patients: list[Row]) -> Path:
    shutil.copy(sample_study() / "study.toml", folder / "study.toml")
    for name, rows in (("photos.csv", photos), ("patients.csv", patients)):
        with (folder / name).open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
    return folder


def _linked(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)
