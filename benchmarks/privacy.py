"""Measure how much of the patients' eyes is hidden, on scored studies of rendered patients whose eyes' place is known.

Run with ``python benchmarks/privacy.py STUDY...``, where each folder was written by ``reepi phantom`` and scored with
``reepi score``. Prints a Markdown table by part of the body: photographs in which an eye can be seen, how many of them
were placed on the body, and how much of the eyes the mask hides in those; the others are withheld.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from parts import true_bodies

from reepi.body.articulation import rotations
from reepi.body.rays import RayCaster
from reepi.body.template import BodyTemplate, build_template
from reepi.core.study import PhotoEntry
from reepi.core.surface import NO_FACE
from reepi.mapping.eyes import EYE_M, EYE_RADIUS_M, Hidden, eye_pixels
from reepi.phantom.pictures import read_camera
from reepi.store.registration_files import read_registration
from reepi.store.results import ResultsFolder, stem
from reepi.store.study import read_study

LEAST_PX = 12
"""Fewer pixels of eye at 512 px long side tell nobody who it is."""


@dataclass(frozen=True)
class Seen:
    """A photograph in which an eye can be seen.

    Parameters
    ----------
    part : str
        Part of the body that it frames.
    placed : bool
        Whether it was placed on the body.
    covered, masked : float
        Shares of the eyes' pixels, and of all pixels, under the mask.
    file : str
        Its file.
    """

    part: str
    placed: bool
    covered: float
    masked: float
    file: str


def true_eyes(study: Path, entry: PhotoEntry, template: BodyTemplate) -> npt.NDArray[np.bool_]:
    """Return which pixels of a rendered photograph show an eye or its lids, (h, w) at 512 px long side."""
    camera, pose = read_camera(study / "truth" / "cameras" / f"{stem(entry.file)}.json")
    size = camera.size
    shrink = 512 / max(size)
    shown = RayCaster(template.posed(rotations(template, pose)), template.faces).render(
        camera.scaled((round(size[0] * shrink), round(size[1] * shrink)))
    )
    centres = template.canonical[template.faces].mean(axis=1)
    centres[:, 0] = np.abs(centres[:, 0])
    near = np.linalg.norm(centres - np.array(EYE_M), axis=1) < EYE_RADIUS_M
    return np.asarray((shown.faces != NO_FACE) & near[shown.faces])


def measured(folder: Path, hidden: Hidden) -> list[Seen]:
    """Return every photograph of a scored study of rendered patients in which an eye can be seen."""
    study, results = read_study(folder), ResultsFolder(folder / "results")
    bodies, found = true_bodies(study, folder), []
    for entry in study.photos:
        if not results.work(entry.file).is_file():
            continue
        template = build_template(study.patient(entry.patient_id))
        eyes = true_eyes(folder, entry, bodies[entry.patient_id])
        if eyes.sum() < LEAST_PX:
            continue
        if not results.registration(entry.file).is_file():
            found.append(Seen(entry.view.part, False, 0.0, 0.0, entry.file))
            continue
        registration = read_registration(results.registration(entry.file).read_text(), template)
        mask = eye_pixels(registration, template, hidden)
        rows = np.minimum((np.arange(eyes.shape[0]) + 0.5) * mask.shape[0] / eyes.shape[0], mask.shape[0] - 1)
        columns = np.minimum((np.arange(eyes.shape[1]) + 0.5) * mask.shape[1] / eyes.shape[1], mask.shape[1] - 1)
        small = mask[np.ix_(rows.astype(int), columns.astype(int))]
        found.append(Seen(entry.view.part, True, float(small[eyes].mean()), float(mask.mean()), entry.file))
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("studies", nargs="+", type=Path)
    parser.add_argument("--mask", choices=("eyes", "face"), default="eyes")
    parser.add_argument("--worst", type=int, default=0, help="also name so many photographs with the least hidden")
    options = parser.parse_args()
    photographs = [seen for folder in options.studies for seen in measured(folder, options.mask)]
    print("| framed | eye in sight | placed | hidden wholly | hidden >= 90 % | least hidden | picture under the mask |")
    print("|---|---|---|---|---|---|---|")
    for part in [*dict.fromkeys(seen.part for seen in photographs), "all"]:
        chosen = [seen for seen in photographs if part in (seen.part, "all")]
        placed = [seen for seen in chosen if seen.placed]
        covered = np.array([seen.covered for seen in placed])
        told = (
            f"{(covered >= 1).mean():.1%} | {(covered >= 0.9).mean():.1%} | {covered.min():.0%}"
            f" | {np.mean([seen.masked for seen in placed]):.1%}"
        )
        print(f"| {part} | {len(chosen)} | {len(placed)} | {told if placed else '| | |'} |")
    for seen in sorted((seen for seen in photographs if seen.placed), key=lambda seen: seen.covered)[: options.worst]:
        print(f"{seen.covered:.2f} {seen.masked:.3f} {seen.file}")


if __name__ == "__main__":
    main()
