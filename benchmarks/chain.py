"""Measure the whole chain on phantom patients that no training saw: photographs in, % BSA and rate out.

Run with ``python benchmarks/chain.py [--patients N] [--seed S] [--folder DIR]``. Prints one row a visit, then the mean
absolute errors and the time of each step. The truth's rate is computed by the same definitions on the true surface maps
with all skin seen, so the difference is what photographs, models and mapping cost.
"""

import argparse
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from parts import true_bodies

from reepi.body.template import BodyTemplate
from reepi.core.study import Patient, Study
from reepi.core.surface import SurfaceMap
from reepi.scoring.endpoints import score_patient
from reepi.scoring.skin import Skin
from reepi.scoring.visits import Visit
from reepi.store.results import ResultsFolder
from reepi.store.study import read_study

RATE = "reepithelialisation_rate"


def true_visits(truth: Path, patient_id: str) -> list[Visit]:
    """Return a phantom patient's visits as they truly were, all skin seen."""
    visits = []
    for path in sorted((truth / "surface").glob(f"{patient_id}_*.npz")):
        with np.load(path) as kept:
            tissue = kept["tissue"].astype(np.float32)
        seen = (tissue.sum(axis=1) > 0).astype(np.float32)
        surface = SurfaceMap.of_shares(tissue, seen, np.zeros_like(seen))
        visits.append(Visit(date.fromisoformat(path.stem[-10:]), surface))
    return visits


def true_rates(study: Study, patient: Patient, truth: Path, template: BodyTemplate) -> dict[int, float]:
    """Return the true primary rate [%] of a phantom patient by day, on his own body."""
    shares = template.shares(study.protocol.body_surface, patient.age_years)
    skin = Skin.from_mesh(template.vertices, template.faces, template.regions, shares)
    score = score_patient(patient, true_visits(truth, patient.patient_id), skin, study.protocol)
    return {r.day: float(r.value) for r in score.endpoints if r.endpoint == RATE and r.value is not None and r.day}


def compare(folder: Path) -> pd.DataFrame:
    """Return measured against true open skin and rate of every visit of a scored phantom study."""
    study, results = read_study(folder), ResultsFolder(folder / "results")
    truth = pd.read_csv(folder / "truth.csv", dtype={"patient_id": str})
    known = truth[(truth.region == "whole_body") & (truth.tissue == "open")].set_index(["patient_id", "day"])
    found = {(r.patient_id, r.day): r for r in results.read_areas() if (r.region, r.tissue) == ("whole_body", "open")}
    unseen = {
        (r.patient_id, r.day): r.percent_bsa
        for r in results.read_areas()
        if (r.region, r.tissue) == ("whole_body", "unassessed")
    }
    rates = {
        (r.patient_id, r.day): r for r in results.read_endpoints() if r.endpoint == RATE and r.value not in (None, "")
    }
    rows, bodies = [], true_bodies(study, folder)
    for patient in study.patients:
        true_rate = true_rates(study, patient, folder / "truth", bodies[patient.patient_id])
        for key, row in found.items():
            if key[0] != patient.patient_id:
                continue
            rate = rates.get(key)
            rows.append(
                {
                    "patient": key[0],
                    "day": key[1],
                    "unassessed": unseen[key],
                    "known open": float(known.loc[key, "percent_bsa"]),
                    "measured open": row.percent_bsa_full,
                    "low": row.low,
                    "high": row.high,
                    "known rate": true_rate.get(key[1], np.nan),
                    "measured rate": np.nan if rate is None else float(rate.value),
                    "rate low": np.nan if rate is None or rate.low is None else rate.low,
                    "rate high": np.nan if rate is None or rate.high is None else rate.high,
                }
            )
    return pd.DataFrame(rows)


def main() -> None:
    """Make the phantoms, score them, print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=3)
    parser.add_argument("--seed", type=int, default=4242)
    parser.add_argument("--folder", type=Path, help="keep study and results here; a study already there is scored")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.folder or Path(scratch) / "study"
        if not (folder / "study.toml").exists():
            make = ["phantom", str(folder), "--patients", str(args.patients), "--seed", str(args.seed)]
            subprocess.run([sys.executable, "-m", "reepi", *make], check=True)
        subprocess.run([sys.executable, "-m", "reepi", "score", str(folder), "--no-overlays"], check=True)
        table = compare(folder)
    print(table.round(1).to_string(index=False))
    error = (table["measured open"] - table["known open"]).abs()
    rate_error = (table["measured rate"] - table["known rate"]).abs().dropna()
    told = table.dropna(subset=["known rate", "rate low", "rate high"])
    rate_held = (told["rate low"] <= told["known rate"]) & (told["known rate"] <= told["rate high"])
    held = (table["low"] <= table["known open"]) & (table["known open"] <= table["high"])
    print(f"open skin: mean absolute error {error.mean():.2f} % BSA, largest {error.max():.2f}, {len(table)} visits")
    print(f"interval holds the known value in {held.mean():.0%} of visits")
    print(f"rate: mean absolute error {rate_error.mean():.1f} points, largest {rate_error.max():.1f}")
    print(f"interval of the rate holds the known value in {rate_held.mean():.0%} of {len(told)} visits")


if __name__ == "__main__":
    main()
