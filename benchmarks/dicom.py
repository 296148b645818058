"""Exports a scored study as DICOM and lets programs of others judge and read it: dicom3tools and dcmtk.

Prints how many objects ``dciodvfy`` finds a fault in, the largest difference between the pixels of each tissue in the
masks and those that ``dcmdump`` finds in the Segmentations, and the largest difference between ``areas.csv`` and the
figures that ``dsrdump`` reads from the Structured Reports. Needs the Debian packages dicom3tools and dcmtk.
"""

import argparse
import re
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from reepi.core.tissue import Tissue
from reepi.dicom.exporting import export_dicom
from reepi.imaging.writing import decode_mask
from reepi.store.results import ResultsFolder

PRIVATE_SCHEME = "<99REEPI>"
"""A private coding scheme, which the validator cannot know and tells of each time."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path, nargs="?", default=Path("demo"), help="Study folder that was scored.")
    study = parser.parse_args().study
    results = ResultsFolder(study / "results")
    with tempfile.TemporaryDirectory() as folder:
        out, began = Path(folder), time.perf_counter()
        told = export_dicom(study, results.path, out)
        seconds = time.perf_counter() - began
        files = sorted(out.rglob("*.dcm"))
        faults = Counter(fault for path in files for fault in _faults(path))
        pixels = max(_mask_difference(path, results) for path in files if path.name.startswith("tissues_"))
        areas = [_area_difference(path, results) for path in files if path.name == "measurements.dcm"]
    print(f"{told.photographs} photographs, {told.segmentations} masks, {told.reports} reports in {seconds:.0f} s")
    print(f"not exported: {len(told.troubles)}", *told.troubles, sep="\n  ")
    print(f"objects judged by dciodvfy: {len(files)}; errors and warnings: {sum(faults.values())}")
    for fault, count in faults.most_common():
        print(f"  {count} x {fault}")
    print(f"largest difference of a tissue's pixels, masks against dcmdump: {pixels}")
    print(f"largest difference of a figure, areas.csv against dsrdump: {max(areas):.2g} % BSA")


def _said(*command: object) -> str:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, errors="replace", check=False
    )
    return done.stdout + done.stderr


def _faults(path: Path) -> list[str]:
    lines = _said("dciodvfy", path).splitlines()
    return [line for line in lines if line.startswith(("Error", "Warning")) and PRIVATE_SCHEME not in line]


def _mask_difference(path: Path, results: ResultsFolder) -> int:
    mask = decode_mask(results.mask(path.name.removeprefix("tissues_").removesuffix(".dcm") + ".png").read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        labels = re.findall(r"LO \[(\w+)\] .*SegmentLabel", _said("dcmdump", "+W", folder, path))
        (raw,) = Path(folder).iterdir()
        bits = np.unpackbits(np.frombuffer(raw.read_bytes(), np.uint8), bitorder="little")
    frames = bits[: len(labels) * mask.size].reshape(len(labels), *mask.shape)
    found = dict(zip(labels, frames, strict=True))
    nothing = np.zeros(mask.shape, np.uint8)
    return max(int((found.get(tissue.label, nothing) != (mask == tissue)).sum()) for tissue in Tissue if tissue)


def _area_difference(path: Path, results: ResultsFolder) -> float:
    read = [float(value) for value in re.findall(r'NUM:.*?="([\d.eE+-]+)" \(%', _said("dsrdump", "+Pl", path))]
    patient, day = path.parts[-3:-1]
    rows = [row for row in results.read_areas() if (row.patient_id, str(row.date)) == (patient, day)]
    known = [each for row in rows for each in (row.percent_bsa, row.percent_bsa_full, row.low, row.high)]
    return float(np.abs(np.subtract(read, known)).max())


if __name__ == "__main__":
    main()
