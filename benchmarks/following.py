"""Measure what the mapping alone costs: true tissue masks, placed by the correspondence network or as rendered.

Run with ``python benchmarks/following.py [STUDY] [--patients N] [--seed S] [--visits DAYS] [--model DIR]``. Makes a
study of N rendered patients with 3 to 60 % BSA open at worst unless one is named. Every visit is measured twice, with
the same photographs and their true masks: placed by the registration, gate included, on the body that the tool builds
from height and weight, and as they were rendered, on the body that the patient has. The difference is the price of the
mapping: of open skin [% BSA], unassessed skin taken as the rest of its region, of the skin that is followed from open
to healed, and of skin that only seems to have opened again.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from parts import Truth

from reepi.body.template import BodyTemplate, build_template
from reepi.core.study import Patient, Study
from reepi.instruments import Instruments, MemoryArchive
from reepi.mapping.registrar import load_registrar
from reepi.pipeline import Bench, scored_in_turn
from reepi.scoring.conclusion import ConcludedPatient, study_score
from reepi.scoring.healing import healing_course
from reepi.scoring.skin import Skin
from reepi.store.shipped import shipped_model
from reepi.store.study import read_study

OPEN_PERCENT = (3.0, 60.0)
LITTLE_PERCENT = 5.0
"""Visits with less open skin are reported apart [% BSA]."""


def make_study(folder: Path, patients: int, seed: int, visits: str, long_side: int) -> None:
    """Render a study whose patients have all sizes of open skin, from little to much."""
    worst = np.exp(np.linspace(*np.log(OPEN_PERCENT), patients))
    for number, percent in enumerate(worst):
        part = folder / f"part{number:02d}"
        if not (part / "truth.csv").exists():
            make = ["phantom", str(part), "--patients", "1", "--seed", str(seed + number), "--visits", visits]
            make += ["--max-open", f"{percent:.2f}", "--long-side", str(long_side)]
            subprocess.run([sys.executable, "-m", "reepi", *make], check=True)


def open_skin(study: Study, patients: Sequence[ConcludedPatient]) -> dict[tuple[str, date], float]:
    """Return the open skin of every visit [% BSA], unassessed skin taken as the rest of its region."""
    areas = study_score(study, [patient.rows for patient in patients]).areas
    rows = [row for row in areas if (row.region, row.tissue) == ("whole_body", "open")]
    return {(row.patient_id, row.date): row.percent_bsa_full for row in rows}


def skin_of(template: BodyTemplate, patient: Patient) -> Skin:
    """Return a body's skin with the area of every face."""
    shares = template.shares("patient", patient.age_years)
    return Skin.from_mesh(template.vertices, template.faces, template.regions, shares)


def compare(folder: Path, model: Path) -> tuple[pd.DataFrame, Sequence[str]]:
    """Return a row of each visit, and the reasons for which photographs were rejected."""
    study = read_study(folder)
    truth = Truth.of_study(study, folder)
    true_places = Instruments(truth.segment, truth.register, truth.template_of)
    mapped_places = Instruments(truth.segment, load_registrar(model, shipped_model("pose")))
    scored = [[*scored_in_turn(study, Bench(folder, each, MemoryArchive()))] for each in (true_places, mapped_places)]
    known, found = ([patient for _, patient in each] for each in scored)
    opened = [open_skin(study, each) for each in (known, found)]
    rows = []
    for patient in study.patients:
        skins = [skin_of(template, patient) for template in (truth.template_of(patient), build_template(patient))]
        both = (next(one for one in each if one.patient == patient) for each in (known, found))
        pair = [one.visits for one in both]
        courses = [healing_course(visits, skin) for visits, skin in zip(pair, skins, strict=True)]
        for visit, mapped, true, seen in zip(*pair, *courses, strict=True):
            row = {"patient": f"{folder.name} {patient.patient_id}", "date": visit.date.isoformat()}
            surfaces, healings = (visit.surface, mapped.surface), (true, seen)
            measures = zip(("known", "found"), opened, skins, surfaces, healings, strict=True)
            for name, areas, skin, surface, healing in measures:
                row |= {f"{name} seen": float(skin.shares @ surface.seen)}
                row |= {f"{name} open": areas[patient.patient_id, visit.date]}
                row |= {f"{name} healed": healing.healed, f"{name} relapse": healing.relapse}
            rows.append(row)
    ended = [each.row for photographs, _ in scored[1] for each in photographs]
    reasons = [row.reasons for row in ended if row.status != "scored"]
    return pd.DataFrame(rows), [f"{len(ended)} photographs", *reasons]


def main() -> None:
    """Make the studies unless one is named, measure them twice, print the differences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=Path, nargs="*", help="studies made by reepi phantom")
    parser.add_argument("--patients", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7000)
    parser.add_argument("--visits", default="0,7,15")
    parser.add_argument("--long-side", type=int, default=640)
    parser.add_argument("--folder", type=Path, help="keep the studies here; those already there are used")
    parser.add_argument("--model", type=Path, help="correspondence model; the shipped one unless named")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folders = args.study
        if not folders:
            folder = args.folder or Path(scratch)
            make_study(folder, args.patients, args.seed, args.visits, args.long_side)
            folders = sorted(folder.glob("part*"))[: args.patients]
        parts = [compare(each, args.model or shipped_model("correspondence")) for each in folders]
    table = pd.concat([rows for rows, _ in parts], ignore_index=True)
    print(table.round(2).to_string(index=False))
    for _, (photographs, *reasons) in parts:
        print(photographs, *reasons, sep="\n  rejected: ")
    error = (table["found open"] - table["known open"]).abs()
    little = table["known open"] < LITTLE_PERCENT
    healed = (table["found healed"] - table["known healed"]).abs()
    relapse = (table["found relapse"] - table["known relapse"]).clip(lower=0)
    print(
        f"\nopen skin: mean absolute error {error.mean():.2f} % BSA over {len(table)} visits, largest {error.max():.2f}"
    )
    print(f"  with less than {LITTLE_PERCENT:g} % open: {error[little].mean():.2f} over {little.sum()} visits")
    print(f"followed healed skin: mean absolute error {healed.mean():.2f} % BSA, largest {healed.max():.2f}")
    print(f"false relapse: mean {relapse.mean():.2f} % BSA, largest {relapse.max():.2f}")


if __name__ == "__main__":
    main()
