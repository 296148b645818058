"""Lay the body over real people: the outline of the fitted body against the person, on photographs of whole persons.

Run with ``python benchmarks/people.py DATA [--photographs 150] [--split test] [--out DIR]``; ``DATA`` holds the
photographs and masks of Clothing Co-Parsing (CCP: Yang, Luo, Lin, CVPR 2014) as a training data folder. They are street
photographs of dressed people, none of whom were shown to the correspondence network as a body. Photographs come evenly
from the test split, and from the validation split where that has too few. The view is declared ``whole_anterior``
whatever the photograph shows, and the body is the reference adult, as neither height nor weight is known.

The person is every mask value but background and what is carried: bag, purse and wallet (2, 33, 56). The ids are those
of the data set's published label list; the data agree with it (41 is skin, 19 lies on the head, shoes at the feet).
Clothes and hair are part of the person and not of the body, so that even a perfect fit stays below 1: loose coats,
skirts and long hair lie outside its outline.

A photograph counts as showing a person nearly whole if the person touches at most 2 % of the picture's border and
spans at least half of its height; the others are left out and counted. Prints the intersection over union of the
posed body's silhouette (all faces, also eyes and nails) with the person for all of them and for those that the gate
accepts, and why the others are rejected. A photograph that no camera explains counts as 0. With ``--no-pose`` the pose
network has no say. With ``--out`` the photographs are left there with the borders of the regions, and ``people.csv``
has a line for each.
"""

import argparse
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.progress import track

from reepi.body.rays import RayCaster
from reepi.body.template import BodyTemplate, reference_template
from reepi.cli.models import Models
from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph
from reepi.core.surface import NO_FACE, Registration
from reepi.core.views import VIEWS
from reepi.imaging.reading import read_photograph
from reepi.imaging.writing import encode_region_borders
from reepi.mapping.registrar import NetworkRegistrar, load_registrar
from reepi.mapping.registration import camera_and_body
from reepi.model.data.datasets import DataSet, Sample, read_datasets, spread
from reepi.model.inference import Segmenter, load_segmenter
from reepi.store.files import write_bytes, write_text

Area = npt.NDArray[np.bool_]

VIEW = VIEWS["whole_anterior"]

NOT_PERSON = (0, 2, 33, 56)
"""Mask values of background, bag, purse and wallet."""

MOST_ON_BORDER, LEAST_HEIGHT = 0.02, 0.5
"""A whole person touches at most this share of the picture's border and spans at least this share of its height."""

GOAL = 0.75


@dataclass(frozen=True)
class Overlap:
    """How well the body lies on one photograph's person.

    Parameters
    ----------
    stem : str
        The photograph's file name without suffix.
    split : str
        Which it came from.
    iou : float
        Intersection over union of the silhouettes; 0 where no camera was found.
    beyond, missed : float
        Share of the body's silhouette beside the person, and of the person beside the body's.
    predicted_mm : float
        Predicted error of the mapping [mm].
    rejected : str
        Why the gate rejected it; empty where accepted.
    """

    stem: str
    split: str
    iou: float
    beyond: float
    missed: float
    predicted_mm: float
    rejected: str


def person_of(sample: Sample) -> Area:
    """Return where a mask shows the person with clothes and hair, (H, W)."""
    return ~np.isin(sample.read_mask(), NOT_PERSON)


def is_nearly_whole(person: Area) -> bool:
    """Return whether a picture shows a person from head to foot, by the rule of the module."""
    border = np.concatenate([person[0], person[-1], person[1:-1, 0], person[1:-1, -1]])
    rows = np.flatnonzero(person.any(axis=1))
    tall = len(rows) > 0 and np.ptp(rows) + 1 >= LEAST_HEIGHT * len(person)
    return bool(tall and border.mean() <= MOST_ON_BORDER)


def chosen(data: DataSet, split: str, n: int) -> tuple[tuple[Sample, ...], int]:
    """Return photographs of nearly whole persons, and how many of the splits looked at show none."""
    own = data.of_split("test" if split == "test" else "validation")
    whole = [sample for sample in own if is_nearly_whole(person_of(sample))]
    kept, left_out = spread(whole, n), len(own) - len(whole)
    if split == "test" and len(kept) < n:
        others = data.of_split("validation")
        more = [sample for sample in others if is_nearly_whole(person_of(sample))]
        return kept + spread(more, n - len(kept)), left_out + len(others) - len(more)
    return kept, left_out


def silhouette(registration: Registration, template: BodyTemplate) -> Area:
    """Return where the camera of a registration sees any face of the posed body, (H, W)."""
    camera, body = camera_and_body(registration, template)
    return np.asarray(RayCaster(body, template.faces).render(camera).faces != NO_FACE)


def overlap(sample: Sample, body: Area, predicted_mm: float, rejected: str) -> Overlap:
    """Compare a silhouette with a photograph's person."""
    person = person_of(sample)
    both, either = np.count_nonzero(body & person), np.count_nonzero(body | person)
    beyond = 1 - both / max(np.count_nonzero(body), 1)
    missed = 1 - both / max(np.count_nonzero(person), 1)
    return Overlap(sample.stem, sample.split, both / max(either, 1), beyond, missed, predicted_mm, rejected)


def measure(
    sample: Sample, segment: Segmenter, registrar: NetworkRegistrar, template: BodyTemplate, out: Path | None
) -> Overlap:
    """Register one photograph and compare, whatever the gate says; leave its picture where asked."""
    photograph = read_photograph(sample.image)
    nothing = np.zeros(photograph.size, bool)
    try:
        attempt = registrar.attempt(photograph, segment(photograph), VIEW, template)
    except PhotographRejected as rejection:
        return overlap(sample, nothing, float("inf"), str(rejection))
    registration, rejected = attempt.registration, ""
    try:
        attempt.judged()
    except PhotographRejected as rejection:
        rejected = str(rejection)
    found = overlap(sample, silhouette(registration, template), registration.residual_mm, rejected)
    if out is not None:
        leave_picture(out / f"{sample.stem}.jpg", photograph, registration, template, found)
    return found


def leave_picture(
    path: Path, photograph: Photograph, registration: Registration, template: BodyTemplate, found: Overlap
) -> None:
    """Write a photograph with the borders of the regions."""
    caption = f"IoU {found.iou:.2f}, +-{found.predicted_mm:.0f} mm{', rejected' if found.rejected else ''}"
    write_bytes(path, encode_region_borders(photograph, template.regions_at(registration.faces), caption))


def reason(rejected: str) -> str:
    """Return a rejection's first sentence without its figures, so that like ones are counted together."""
    return re.sub(r" \d.*", "", rejected.split(". ")[0])


def print_rows(found: Sequence[Overlap]) -> None:
    """Print the figures of all photographs and of those accepted, and why the others are not."""
    accepted = [row for row in found if not row.rejected]
    print(f"{'photographs':24} {'n':>4} {'mean':>6} {'median':>7} {'>= 0.75':>8} {'beyond':>7} {'missed':>7}")
    for name, rows in (("all", found), ("accepted by the gate", accepted)):
        if not rows:
            print(f"{name:24} {0:4d}")
            continue
        iou = np.array([row.iou for row in rows])
        beside = np.mean([row.beyond for row in rows]), np.mean([row.missed for row in rows])
        share = 100 * (iou >= GOAL).mean()
        print(
            f"{name:24} {len(rows):4d} {iou.mean():6.3f} {np.median(iou):7.3f} {share:6.0f} % "
            f"{100 * beside[0]:5.0f} % {100 * beside[1]:5.0f} %"
        )
    print(f"\nrejected: {len(found) - len(accepted)}")
    for why, count in Counter(reason(row.rejected) for row in found if row.rejected).most_common():
        print(f"{count:5d}  {why}")


def main() -> int:
    """Measure, print, and return 1 where the mean over all photographs is below the goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="training data folder of Clothing Co-Parsing")
    parser.add_argument("--photographs", type=int, default=150)
    parser.add_argument("--split", choices=("test", "validation"), default="test")
    parser.add_argument("--out", type=Path, help="folder for pictures and people.csv")
    parser.add_argument("--tissue", type=Path, help="tissue model; the shipped one unless named")
    parser.add_argument("--correspondence", type=Path, help="correspondence model; the shipped one unless named")
    parser.add_argument("--no-pose", action="store_true", help="without the pose network")
    args = parser.parse_args()
    models = Models.chosen(args.tissue, args.correspondence)
    segment = load_segmenter(models.tissue)
    registrar = load_registrar(models.correspondence, None if args.no_pose else models.pose)
    template = reference_template()
    samples, left_out = chosen(read_datasets([args.data])[0], args.split, args.photographs)
    splits = ", ".join(f"{n} {split}" for split, n in Counter(sample.split for sample in samples).items())
    print(f"{len(samples)} photographs ({splits}); {left_out} of these splits left out as not whole")
    found = [measure(s, segment, registrar, template, args.out) for s in track(samples, "People", transient=True)]
    print_rows(found)
    if args.out is not None:
        write_text(args.out / "people.csv", pd.DataFrame([asdict(row) for row in found]).to_csv(index=False))
    return int(np.mean([row.iou for row in found]) < GOAL)


if __name__ == "__main__":
    raise SystemExit(main())
