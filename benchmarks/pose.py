"""How well the pose network sees whole rendered patients, and what it makes of trunks.

Run with ``python benchmarks/pose.py [--patients 10] [--seed S]``. Every patient is photographed from before and from
behind, once to the standard and once in a hurry, in bed in all poses, and the trunk likewise; whole patients from
before also with a cloth over the face. Printed are, for each, in how many photographs a person is seen surely enough to
be used, in how many of these front and back are the right way round, and how far the landmarks that are used are from
their true places, measured at the body across the line of sight [cm].
"""

import argparse
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rich.progress import track

from reepi.body.articulation import ARTICULATIONS
from reepi.body.template import BodyTemplate
from reepi.core.images import Photograph
from reepi.core.landmarks import LANDMARKS
from reepi.mapping.kinematics import pose_points, skeleton_of
from reepi.mapping.landmarks import LEAST_PERSON, facing, landmark_points, usable_landmarks
from reepi.mapping.registrar import facing_of
from reepi.model.pose import NetworkPoseFinder, load_pose_finder
from reepi.phantom.face_cloth import with_face_cloth
from reepi.phantom.framing import draw_framing
from reepi.phantom.patients import PhantomPatient, draw_patient, draw_person, on_day
from reepi.phantom.rendering import render_photograph
from reepi.phantom.scene import Scene, draw_scene
from reepi.store.shipped import shipped_model

STREAM = 99
"""First word of the seeds, which no training set or study uses."""

LONG_SIDE_PX = 768
COVERED = "whole, face covered"


@dataclass(frozen=True)
class Seen:
    """What the network made of one photograph: a person or none, the right way round or not, and errors by place."""

    kind: str
    person: float
    right: bool
    errors_cm: dict[str, float]


def true_places(scene: Scene, template: BodyTemplate) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return pixels (L, 2) of a patient's landmarks, and how many centimetres a pixel is there, (L,)."""
    skeleton = skeleton_of(template, ARTICULATIONS)
    pose = np.array([scene.pose.get(name, np.zeros(3)) for name in skeleton.names])
    points = pose_points(skeleton, landmark_points(template, skeleton), pose)
    depth_m = scene.camera.in_camera_axes(points)[:, 2]
    return scene.camera.project(points), 100 * depth_m / scene.camera.focal_px


def measure(
    find: NetworkPoseFinder, phantom: PhantomPatient, view: str, hurried: bool, seed: list[int], covered: bool = False
) -> Seen:
    """Photograph a patient, with a cloth over the face if wanted, and look."""
    rng = np.random.default_rng(seed)
    framing = draw_framing(rng, LONG_SIDE_PX, wide=hurried)
    scene = draw_scene(rng, phantom.template, view, framing, (), not hurried, "any" if hurried else None)
    subject = on_day(phantom, float(rng.uniform(0, 12)), rng, 1, hurried and bool(rng.random() < 0.5))
    scene = with_face_cloth(rng, scene, phantom.template) if covered else scene
    pixels = render_photograph(subject, scene, rng).pixels
    found = find(Photograph(pixels, (pixels.shape[0], pixels.shape[1])))
    true, cm_per_px = true_places(scene, phantom.template)
    errors = np.linalg.norm(found.pixels - true, axis=1) * cm_per_px
    used = {LANDMARKS[place]: float(errors[place]) for place in usable_landmarks(found)}
    return Seen(COVERED if covered else scene.view.part, found.person, facing(found) * facing_of(scene.view) > 0, used)


def print_kind(kind: str, seen: list[Seen]) -> None:
    """Print the figures of whole patients, of those with a cloth over the face, or of trunks."""
    sure = [each for each in seen if each.person >= LEAST_PERSON]
    print(
        f"\n{kind}: a person is seen in {len(sure)} of {len(seen)}, the right way round in {sum(s.right for s in sure)}"
    )
    medians = sorted(float(np.median(list(each.errors_cm.values()))) for each in sure if each.errors_cm)
    if medians:
        print(f"median error by photograph [cm]: median {np.median(medians):.1f}, largest {medians[-1]:.1f}")
    for point in dict.fromkeys(name.removesuffix("_left").removesuffix("_right") for name in LANDMARKS):
        errors = [cm for each in sure for name, cm in each.errors_cm.items() if name.startswith(point)]
        if errors:
            print(
                f"{point:10} {len(errors):4d} median {np.median(errors):5.1f}, 90 % {np.quantile(errors, 0.9):5.1f} cm"
            )


def main() -> None:
    """Render, look and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=10)
    parser.add_argument("--seed", type=int, default=80)
    options = parser.parse_args()
    find, seen = load_pose_finder(shipped_model("pose")), []
    for number in track(range(options.patients), "Patients", transient=True):
        rng = np.random.default_rng([STREAM, options.seed, number])
        phantom = draw_patient(rng, draw_person(rng, f"P{number:02d}"), float(rng.uniform(3, 50)))
        for place, view in enumerate(("whole_anterior", "whole_posterior", "trunk_anterior", "trunk_posterior")):
            for hurried in (False, True):
                seed = [STREAM, options.seed, number, place, int(hurried)]
                seen.append(measure(find, phantom, view, hurried, seed))
                if view == "whole_anterior":
                    seen.append(measure(find, phantom, view, hurried, seed, covered=True))
    for kind in ("whole", COVERED, "trunk"):
        print_kind(kind, [each for each in seen if each.kind == kind])


if __name__ == "__main__":
    main()
