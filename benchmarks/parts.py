"""Tell which part of the chain costs what: the networks and the truth, crossed, on a rendered study.

Run with ``python benchmarks/parts.py [STUDY] [--seed S] [--patients N]``. Every photograph is measured four times: with
tissues from the network or from the truth, and placed by the registration on the body that the tool knows, or as it was
rendered on the patient's own. Prints the open skin of every visit and each way's mean absolute error. What is left with
both from the truth is the price of skin that no photograph showed, which is filled in from its region.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pandas as pd
from rich.progress import track

from reepi.body.template import BodyTemplate, build_template
from reepi.cli.models import Models
from reepi.core.images import Photograph, TissueMap
from reepi.core.study import Patient, Study
from reepi.core.surface import Registration
from reepi.core.views import View
from reepi.imaging.reading import read_photograph
from reepi.instruments import Instruments, MemoryArchive
from reepi.mapping.earlier import RegisteredPhotograph
from reepi.mapping.registration import registration_from_pose
from reepi.phantom.pictures import read_camera, read_mask
from reepi.phantom.study_tables import PHYSIQUES, read_physiques
from reepi.pipeline import Bench, scored_in_turn
from reepi.scoring.conclusion import study_score
from reepi.store.study import read_study

NETWORK, TRUTH = "network", "truth"


@dataclass(frozen=True)
class Truth:
    """What is known of a rendered study's photographs, found by their content.

    Parameters
    ----------
    folder : Path
        The folder ``truth`` of the study.
    stems : dict
        File name without suffix of each photograph by the hash of its pixels.
    bodies : dict
        Each patient's true body, by identifier.
    """

    folder: Path
    stems: dict[str, str]
    bodies: dict[str, BodyTemplate]

    @classmethod
    def of_study(cls, study: Study, folder: Path) -> "Truth":
        """Read every photograph once, and build every body."""
        stems = {key(read_photograph(folder / entry.file)): Path(entry.file).stem for entry in study.photos}
        return cls(folder / "truth", stems, true_bodies(study, folder))

    def template_of(self, patient: Patient) -> BodyTemplate:
        """Return the body that a patient has, which is not the one that height and weight make one expect."""
        return self.bodies[patient.patient_id]

    def segment(self, photograph: Photograph) -> TissueMap:
        """Return the true tissues, certain."""
        return TissueMap.from_mask(read_mask(self.folder / "masks" / f"{self.stems[key(photograph)]}.png"))

    def register(
        self,
        photograph: Photograph,
        tissues: TissueMap,
        view: View,
        template: BodyTemplate,
        earlier: RegisteredPhotograph | None,
    ) -> Registration:
        """Return the camera and pose that the photograph was rendered with."""
        camera, pose = read_camera(self.folder / "cameras" / f"{self.stems[key(photograph)]}.json")
        return registration_from_pose(camera, pose, template, residual_mm=1.0)


def true_bodies(study: Study, folder: Path) -> dict[str, BodyTemplate]:
    """Return the body that each patient of a rendered study has, by identifier."""
    physiques = read_physiques(folder / "truth" / PHYSIQUES)
    return {each.patient_id: build_template(each, physiques[each.patient_id]) for each in study.patients}


def key(photograph: Photograph) -> str:
    """Return the hash of a photograph's pixels."""
    return hashlib.sha256(photograph.pixels.tobytes()).hexdigest()


def open_skin(study: Study, folder: Path, instruments: Instruments) -> "pd.Series[float]":
    """Return the open skin of every visit [% BSA], unassessed skin filled in from its region."""
    scored = [*scored_in_turn(study, Bench(folder, instruments, MemoryArchive()))]
    failed = [each.row.reasons for ended, _ in scored for each in ended if each.row.status == "failed"]
    if failed:
        raise RuntimeError(f"{len(failed)} photographs failed, the first with {failed[0]}")
    areas = study_score(study, [patient.rows for _, patient in scored]).areas
    rows = [row for row in areas if (row.region, row.tissue) == ("whole_body", "open")]
    return pd.Series({(row.patient_id, row.day): row.percent_bsa_full for row in rows})


def compare(folder: Path, models: Models) -> pd.DataFrame:
    """Return the open skin of every visit [% BSA]: known, and measured with each crossing of networks and truth."""
    study = read_study(folder)
    truth, networks = Truth.of_study(study, folder), models.instruments()
    segmenters = {NETWORK: networks.segment, TRUTH: truth.segment}
    registrars = {NETWORK: networks.register, TRUTH: truth.register}
    bodies = {NETWORK: networks.template_of, TRUTH: truth.template_of}
    table = pd.read_csv(folder / "truth.csv", dtype={"patient_id": str})
    known = table[(table.region == "whole_body") & (table.tissue == "open")].set_index(["patient_id", "day"])
    columns = {"known": known["percent_bsa"]}
    ways = list(product((NETWORK, TRUTH), repeat=2))
    for tissues, place in track(ways, "Crossings"):
        way = Instruments(segmenters[tissues], registrars[place], bodies[place])
        columns[f"tissue {tissues}, place {place}"] = open_skin(study, folder, way)
    return pd.DataFrame(columns)


def main() -> None:
    """Make the phantoms unless a study is named, measure them four times, print the errors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path, nargs="?", help="a study made by reepi phantom")
    parser.add_argument("--patients", type=int, default=1)
    parser.add_argument("--seed", type=int, default=9001)
    parser.add_argument("--model", type=Path, help="tissue model; the shipped one unless named")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.study or Path(scratch) / "study"
        if args.study is None:
            make = ["phantom", str(folder), "--patients", str(args.patients), "--seed", str(args.seed)]
            subprocess.run([sys.executable, "-m", "reepi", *make], check=True)
        table = compare(folder, Models.chosen(tissue=args.model))
    print(table.round(1).to_string())
    print("\nopen skin, mean absolute error [% BSA]")
    for way in table.columns[1:]:
        print(f"{way:36} {(table[way] - table['known']).abs().mean():6.2f}")


if __name__ == "__main__":
    main()
