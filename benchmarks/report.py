"""Size of the report of a large study, seconds and memory to write it, and how a browser opens it.

Makes a study of generated photographs, masks and surface maps, writes its report, and opens it in headless Chromium.
Run with ``python benchmarks/report.py``; smaller with ``--patients 2 --visits 3``, and with the PDF by ``--pdf``.
"""

import argparse
import json
import resource
import shutil
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from reepi.body.template import build_template
from reepi.core.images import Mask, Pixels
from reepi.core.results import PhotoRow
from reepi.core.surface import SurfaceMap
from reepi.core.tissue import Tissue
from reepi.core.views import VIEW_NAMES
from reepi.imaging.writing import encode_mask
from reepi.phantom.study_tables import PhantomVisit, patients_table, photos_table
from reepi.phantom.trial_patients import TrialPatient, draw_trial_patient
from reepi.report import write_report
from reepi.report.printing import find_browser
from reepi.scoring.conclusion import concluded_patient, skin_of, study_score
from reepi.scoring.visits import Visit
from reepi.store.results import ResultsFolder
from reepi.store.shipped import sample_study
from reepi.store.study import read_study

DAYS = (0, 3, 5, 7, 10, 15, 22, 30)
SIDES = (900, 1200)
"""Width and height of a generated photograph [px]."""

OPENINGS = 3
SETTINGS = '[study]\nname = "Benchmark"\nday_zero = "infusion"\nvisit_days = [5, 7, 10, 15]\n'
MEASURED = {"versions": {"reepi": "0", "python": "3"}, "models": {}}


def photograph(rng: np.random.Generator, seen: list[Pixels]) -> Pixels:
    """Return a piece of a sample photograph, turned over and with noise, so that no two are alike."""
    source = seen[int(rng.integers(len(seen)))]
    height, width = source.shape[:2]
    top, left = int(rng.integers(height // 4)), int(rng.integers(width // 4))
    piece = cv2.resize(source[top : top + 3 * height // 4, left : left + 3 * width // 4], SIDES)
    turned = piece[:, ::-1] if rng.integers(2) else piece
    noise = rng.integers(-6, 7, (SIDES[1] // 2, SIDES[0] // 2, 1))
    coarse = cv2.resize(noise.astype(np.float32), SIDES)[..., None]
    return np.clip(turned + coarse, 0, 255).astype(np.uint8)


def mask(rng: np.random.Generator) -> Mask:
    """Return lesions with a ragged edge: erythema around detached and reepithelialised skin."""
    coarse = cv2.resize(rng.normal(size=(16, 12)).astype(np.float32), SIDES, interpolation=cv2.INTER_CUBIC)
    fine = cv2.resize(rng.normal(size=(120, 90)).astype(np.float32), SIDES, interpolation=cv2.INTER_CUBIC)
    height = coarse + 0.2 * fine
    painted = np.full(height.shape, Tissue.INTACT, np.uint8)
    painted[height > 0.7] = Tissue.ERYTHEMA
    painted[height > 1.0] = Tissue.DETACHABLE
    painted[height > 1.2] = Tissue.DETACHED
    painted[height < -1.4] = Tissue.REEPITHELIALISED
    return painted


def surface(patient: TrialPatient, day: int) -> SurfaceMap:
    """Return the patient's skin of a day, all of it seen."""
    tissue = np.eye(len(Tissue), dtype=np.float32)[patient.tissue(day)]
    seen = patient.template.skin.astype(np.float32)
    return SurfaceMap.of_shares(tissue * seen[:, None], seen, 5 * seen)


def make_study(folder: Path, patients: int, days: tuple[int, ...], photographs: int) -> Path:
    """Write a scored study and return its results."""
    rng = np.random.default_rng(0)
    seen = [cv2.imread(str(path))[:, :, ::-1] for path in sorted((sample_study() / "photos").glob("*.jpg"))]
    results, drawn, visits = ResultsFolder(folder / "results"), [], []
    found: dict[str, list[Visit]] = {}
    for folder_name in (folder / "photos", results.path / "masks"):
        folder_name.mkdir(parents=True)
    for index in range(patients):
        patient = draw_trial_patient(0, index, None)
        name = patient.person.patient_id
        drawn.append(patient.person)
        for day in days:
            when = patient.day_zero + timedelta(days=day)
            files = [(f"photos/{name}_{day:02d}_{view}.jpg", view) for view in VIEW_NAMES[:photographs]]
            for file, _ in files:
                cv2.imwrite(str(folder / file), photograph(rng, seen)[:, :, ::-1])
                results.mask(file).write_bytes(encode_mask(mask(rng), SIDES[::-1]))
            found.setdefault(name, []).append(Visit(when, surface(patient, day)))
            results.write_surface(name, when, found[name][-1].surface)
            visits.append(PhantomVisit(patient.person, when, day, tuple(files), ()))
    (folder / "study.toml").write_text(SETTINGS)
    (folder / "patients.csv").write_text(patients_table(drawn))
    (folder / "photos.csv").write_text(photos_table(visits))
    study = read_study(folder)
    templates = {patient.patient_id: build_template(patient) for patient in study.patients}
    patients = [
        concluded_patient(part, found[name], skin_of(part, templates[name]))
        for part in study.by_patient()
        for name in [part.patients[0].patient_id]
    ]
    score = study_score(study, [patient.rows for patient in patients])
    results.write_tables(score.areas, score.endpoints)
    results.write_changes(score.changes)
    for each in patients:
        if each.score.history is not None:
            results.write_history(each.patient.patient_id, each.score.history)
    results.write_photos([PhotoRow(entry.file, "scored", "", 8.0, 1.0, "proposal") for entry in study.photos])
    results.run.write_text(json.dumps(MEASURED))
    return results.path


def opened(page: Path) -> tuple[float, int, list[str]]:
    """Return the seconds until a page has loaded, its network requests, and the errors of its console."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-background-networking", "--window-size=1400,900"):
        options.add_argument(argument)
    options.binary_location = find_browser() or ""
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # With the driver named, selenium looks for none in the network.
    browser = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        browser.get(page.as_uri())
        timing: dict[str, float] = browser.execute_script("return performance.timing.toJSON()")
        sent = [message for entry in browser.get_log("performance") if (message := _request(entry))]
        errors = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    finally:
        browser.quit()
    return (timing["loadEventEnd"] - timing["navigationStart"]) / 1000, len(sent), errors


def _request(entry: dict[str, Any]) -> str:
    """Return the address of a request over a network that a line of the log tells of, or nothing."""
    message = json.loads(entry["message"])["message"]
    if message["method"] != "Network.requestWillBeSent":
        return ""
    address = str(message["params"]["request"]["url"])
    return "" if address.startswith(("file:", "data:")) else address


def written(results: Path, folder: Path) -> tuple[Path, float, float]:
    """Return the report that was written, how long it took [s], and the most memory that this process had [MB]."""
    start = time.perf_counter()
    page = write_report(results, folder)
    return page, time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--patients", type=int, default=15)
    parser.add_argument("--visits", type=int, default=len(DAYS))
    parser.add_argument("--photographs", type=int, default=20)
    parser.add_argument("--pdf", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "study"
        folder.mkdir()
        results = make_study(folder, asked.patients, DAYS[: asked.visits], asked.photographs)
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            page, seconds, memory = alone.submit(written, results, folder).result()
        print(f"{asked.patients} patients x {asked.visits} visits x {asked.photographs} photographs")
        print(f"  size [MB]                  {page.stat().st_size / 1e6:.1f}")
        print(f"  seconds to write           {seconds:.1f}")
        print(f"  memory to write [MB]       {memory:.0f}")
        times = [opened(page) for _ in range(OPENINGS)]
        print(f"  seconds to load, median    {statistics.median(time for time, _, _ in times):.2f}")
        print(f"  network requests           {max(sent for _, sent, _ in times)}")
        print(f"  errors of the console      {max(len(errors) for _, _, errors in times)}")
        if asked.pdf and (browser := find_browser()):
            start = time.perf_counter()
            printed = write_report(results, folder, browser).with_suffix(".pdf")
            print(f"  PDF [MB]                   {printed.stat().st_size / 1e6:.1f}")
            print(f"  seconds to write both      {time.perf_counter() - start:.1f}")


if __name__ == "__main__":
    main()
