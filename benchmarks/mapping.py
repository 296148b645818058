"""Measure the mapping of photographs onto the body, on rendered bodies, poses and cameras that no training saw.

Run with ``python benchmarks/mapping.py [--photographs N] [--seed S...] [--folder DIR] [--models DIR] [--true-tissues]
[--no-pose] [--ordinary]``.
Half of the photographs keep to the standard, as a study's do; half are taken in a hurry, of patients in bed in all
poses. Every patient has girths and lengths of his own, of whom the tool knows height and weight alone; with
``--ordinary`` the bodies are those that it takes for granted. Focal lengths are not told. Every photograph is
registered with its true view, and again with a wrong one: left for right where the view has a side, front for back
where it has none. Printed are

- the surface error: how far from its true place on the reference body each pixel of skin that is measured is laid [cm],
  a photograph counting as much as another, and the share of it that comes into the right region; for all photographs,
  for those that the gate lets pass, and for these as they would be if nothing were left out because its place is not
  sure, skin that no body covers counting as infinitely far then;
- how much of the skin is measured, and how much is left out that lay within 4 cm of its place;
- the gate: how many photographs with a median error over 5 cm it stops, and how many better ones it loses;
- the views: how many wrong ones are named, and how many right ones are doubted.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.progress import track

from reepi.body.physique import ORDINARY, Physique
from reepi.body.template import BodyTemplate, build_template
from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph, TissueMap
from reepi.core.study import Patient
from reepi.core.surface import NO_FACE, Registration
from reepi.core.views import VIEW_NAMES, VIEWS, confused_views, mirrored_view
from reepi.imaging.reading import read_photograph
from reepi.mapping.registrar import NetworkRegistrar, load_registrar
from reepi.model.inference import load_segmenter
from reepi.phantom.framing import draw_framing
from reepi.phantom.patients import draw_patient, draw_person, draw_physique, on_day
from reepi.phantom.pictures import face_code, jpeg_file, png, read_faces, read_mask
from reepi.phantom.rendering import RenderedPhotograph, render_photograph
from reepi.phantom.scene import draw_scene
from reepi.store.files import write_bytes
from reepi.store.shipped import shipped_model

Floats = npt.NDArray[np.float64]

STREAM = 78
"""First word of the seeds, which no training set or study uses."""

PHOTOS_PER_PATIENT = 8
LONG_SIDE_PX = 768
MOST_PIXELS = 4000
GOOD_CM = 5.0
"""Median surface error of a photograph that is worth keeping [cm]."""

NEAR_CM = 4.0
"""Surface error of skin that is better measured than left out [cm]."""


@dataclass(frozen=True)
class Shot:
    """One photograph of the benchmark: number ``number`` of the set of a seed, of a body with a physique of its own."""

    folder: Path
    seed: int
    number: int
    own: bool = True

    @property
    def view(self) -> str:
        """The true view; they take turns."""
        return VIEW_NAMES[self.number % len(VIEW_NAMES)]

    @property
    def standard(self) -> bool:
        """Whether the photograph keeps to the standard."""
        return self.number // len(VIEW_NAMES) % 2 == 0

    @property
    def patient(self) -> Patient:
        """Who is photographed."""
        index = self.number // PHOTOS_PER_PATIENT
        return draw_person(np.random.default_rng([STREAM, self.seed, 0, index]), f"M{index:03d}")

    @property
    def physique(self) -> Physique:
        """What of the patient's body the tool does not know."""
        index = self.number // PHOTOS_PER_PATIENT
        return draw_physique(np.random.default_rng([STREAM, self.seed, 2, index])) if self.own else ORDINARY

    def path(self, kind: str) -> Path:
        """Return where its image, mask or face map lies."""
        body = "" if self.own else "ordinary_"
        return self.folder / f"{self.seed}_{self.number:04d}_{body}{kind}.{'jpg' if kind == 'image' else 'png'}"


def render(shot: Shot) -> None:
    """Render a photograph that is not there yet."""
    if shot.path("image").exists():
        return
    cv2.setNumThreads(1)
    photograph = _photograph(shot)
    write_bytes(shot.path("faces"), png(face_code(photograph.faces)))
    write_bytes(shot.path("mask"), png(photograph.mask))
    write_bytes(shot.path("image"), jpeg_file(photograph.pixels, 92))


def _photograph(shot: Shot) -> RenderedPhotograph:
    rng = np.random.default_rng([STREAM, shot.seed, 1, shot.number])
    phantom = draw_patient(rng, shot.patient, float(rng.uniform(3, 60)), physique=shot.physique)
    hurried = not shot.standard
    clothed, dressings = (bool(rng.random() < 0.5), int(rng.integers(0, 6))) if hurried else (False, 1)
    subject = on_day(phantom, float(rng.uniform(0, 15)), rng, dressings, clothed)
    framing = draw_framing(rng, LONG_SIDE_PX, wide=hurried, upright=0.75)
    posture = "any" if hurried else "calm"
    scene = draw_scene(rng, phantom.template, shot.view, framing, tidy=shot.standard, posture=posture)
    return render_photograph(subject, scene, rng)


def wrong_view(view: str) -> str:
    """Return the view that is declared by mistake: the other side, or the other surface where there is no side."""
    other = mirrored_view(view)
    return other if other != view else confused_views(view)[0]


def surface_errors(laid: Registration, faces: npt.NDArray[np.int32], template: BodyTemplate) -> tuple[Floats, Floats]:
    """Return the error of each pixel of skin [cm], infinite where it is laid nowhere, and whether its region is right.

    Errors of less than a face's width, half a centimetre, cannot be told from none.
    """
    rows, columns = np.nonzero(faces != NO_FACE)
    some = np.linspace(0, len(rows) - 1, min(len(rows), MOST_PIXELS)).astype(int)
    true, found = faces[rows[some], columns[some]], laid.faces[rows[some], columns[some]]
    centres = np.asarray(template.canonical, np.float64)[template.faces].mean(axis=1)
    error = 100 * np.linalg.norm(centres[true] - centres[found], axis=1)
    right = template.regions_at(true) == template.regions_at(found)
    return np.where(found == NO_FACE, np.inf, error), right.astype(np.float64)


def measure(
    shot: Shot, registrar: NetworkRegistrar, segment: Callable[[Photograph], TissueMap] | None
) -> dict[str, object]:
    """Return a photograph's row: its errors, what the gate says, and what becomes of a wrong view."""
    photograph, faces = read_photograph(shot.path("image")), read_faces(shot.path("faces"))
    tissues = TissueMap.from_mask(read_mask(shot.path("mask"))) if segment is None else segment(photograph)
    template = build_template(shot.patient)
    row: dict[str, object] = {"number": shot.number, "view": shot.view, "standard": shot.standard, "passed": False}
    row |= {"median": np.inf, "p90": np.inf, "region": 0.0, "reason": "", "predicted": np.nan}
    row |= {"measured": 0.0, "lost": 0.0}
    try:
        attempt = registrar.attempt(photograph, tissues, VIEWS[shot.view], template)
        everywhere, right = surface_errors(attempt.registration, faces, template)
        errors, right_there = surface_errors(attempt.sure, faces, template)
        there = np.isfinite(errors)
        row |= errors_of(errors[there], right_there[there])
        row |= {"everywhere": errors_of(everywhere, right), "measured": there.mean()}
        row |= {"lost": (~there & (everywhere < NEAR_CM)).mean()}
        row |= {"predicted": attempt.registration.residual_mm / 10, "doubted": attempt.other_view is not None}
        row |= {f"log {name}": value for name, value in attempt.evidence.logarithms.items()}
        attempt.judged()
        row["passed"] = True
    except PhotographRejected as rejection:
        row["reason"] = str(rejection)
    declared = wrong_view(shot.view)
    try:
        row["named"] = registrar.attempt(photograph, tissues, VIEWS[declared], template).other_view or ""
    except PhotographRejected:
        row["named"] = "not registered"
    return row


def errors_of(errors: Floats, right: Floats) -> dict[str, object]:
    """Return the columns of a photograph's errors [cm], and of what comes into the right region."""
    region = float(right.mean()) if len(right) else 0.0
    return {"errors": errors, "median": quantile(errors, 0.5), "p90": quantile(errors, 0.9), "region": region}


def quantile(errors: Floats, share: float) -> float:
    """Return a quantile of errors that may be infinite."""
    return float(np.sort(errors)[min(len(errors) - 1, int(share * len(errors)))]) if len(errors) else np.inf


def pooled(rows: pd.DataFrame) -> dict[str, float]:
    """Return the figures of some photographs, each counting as much as another."""
    errors = [np.asarray(e) for e in rows["errors"].dropna()]
    every = np.concatenate([e[np.linspace(0, len(e) - 1, 1000).astype(int)] for e in errors if len(e)] or [np.zeros(0)])
    return {
        "photographs": len(rows),
        "median": quantile(every, 0.5),
        "p90": quantile(every, 0.9),
        "worst median": float(rows["median"].max()),
        "right region": float(rows["region"].mean()),
    }


def groups(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the groups of photographs that figures are printed of."""
    part = table["view"].map(lambda name: VIEWS[name].part)
    yield "all", table
    yield "standard", table[table["standard"]]
    yield "in a hurry", table[~table["standard"]]
    for name in dict.fromkeys(part):
        yield name, table[part == name]
    yield "hands and feet", table[part.isin(["hand", "foot"])]


def print_errors(title: str, table: pd.DataFrame) -> None:
    """Print the surface errors of all groups, and how much of the skin they are of."""
    names = f"{'photographs':>11} {'median':>8} {'90 %':>8} {'worst median':>13} [cm] {'right region':>13}"
    print(f"\n{title:36} {names} {'measured':>9} {'lost':>6}")
    for name, rows in groups(table):
        if len(rows):
            f = pooled(rows)
            print(
                f"{name:36} {f['photographs']:11.0f} {f['median']:8.2f} {f['p90']:8.2f} {f['worst median']:13.1f}"
                f"      {f['right region']:13.1%} {rows['measured'].mean():9.1%} {rows['lost'].mean():6.1%}"
            )


def with_nothing_left_out(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows as they would be if every place counted, sure or not."""
    every = pd.DataFrame(list(table["everywhere"]), table.index)
    return table.assign(**every, measured=every["errors"].map(lambda e: np.isfinite(e).mean()), lost=0.0)


def print_gate(table: pd.DataFrame) -> None:
    """Print what the gate stops and loses, by how the photographs were taken, and the views that are named."""
    print()
    for name, rows in list(groups(table))[:3]:
        bad, passed = rows["median"] > GOOD_CM, rows["passed"]
        print(f"gate, {name}: {share(~passed[bad])} of those with a median error over {GOOD_CM:g} cm are stopped,")
        print(f"      {share(~passed[~bad])} of the better ones are lost")
    named, stopped = (table["named"] == table["view"]), table["named"] != ""
    print(f"views: {share(named)} of the wrong ones are named, {share(stopped)} stopped")
    print(f"       {share(table['doubted'].fillna(value=False).astype(bool))} of the right ones are doubted")


def print_fit(table: pd.DataFrame) -> None:
    """Print the coefficients of `reepi.mapping.doubt` that fit these photographs best, and how well they fit.

    Ridge regression of the logarithm of the median error [mm]; errors count from 3 mm, the width of a face, to 30 cm.
    """
    rows = table.dropna(subset=["log offset"])
    columns = [name for name in rows.columns if name.startswith("log ")]
    features, wanted = rows[columns].to_numpy(float), np.log(10 * rows["median"].clip(0.3, 30).to_numpy(float))
    ridge = np.diag([0.0, *[0.01 * len(rows)] * (len(columns) - 1)])
    weights = np.linalg.solve(features.T @ features + ridge, features.T @ wanted)
    print("\npredicted error, coefficients:")
    print({name.removeprefix("log "): round(float(w), 3) for name, w in zip(columns, weights, strict=True)})
    print(f"correlation of predicted with true logarithm {np.corrcoef(features @ weights, wanted)[0, 1]:.2f}")


def share(chosen: "pd.Series[bool]") -> str:
    """Return a share in words."""
    return f"{int(chosen.sum())} of {len(chosen)} ({chosen.mean():.1%})" if len(chosen) else "none of none"


def measured(shots: Sequence[Shot], models: Path | None, true_tissues: bool, pose: bool) -> pd.DataFrame:
    """Register every photograph and return a row of each."""
    folder = {name: models / name if models else shipped_model(name) for name in ("tissue", "correspondence")}
    segment = None if true_tissues else load_segmenter(folder["tissue"])
    registrar = load_registrar(folder["correspondence"], shipped_model("pose") if pose else None)
    return pd.DataFrame([measure(shot, registrar, segment) for shot in track(shots, "Registering")])


def main() -> None:
    """Render, register and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=int, default=256, help="of each seed")
    parser.add_argument("--seed", type=int, nargs="+", default=[4242])
    parser.add_argument("--folder", type=Path, help="keep the photographs here; those already there are used")
    parser.add_argument("--models", type=Path, help="folder with the models tissue and correspondence")
    parser.add_argument("--true-tissues", action="store_true", help="take the true masks for the tissue network's")
    parser.add_argument("--no-pose", action="store_true", help="without the pose network")
    parser.add_argument(
        "--ordinary", action="store_true", help="bodies with nothing but height and weight of their own"
    )
    parser.add_argument("--rows", type=Path, help="write a row of each photograph to this CSV file")
    parser.add_argument("--fit", action="store_true", help="fit the predicted error to these photographs")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder, own = args.folder or Path(scratch), not args.ordinary
        shots = [Shot(folder, seed, number, own) for seed in args.seed for number in range(args.photographs)]
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            list(track(pool.map(render, shots), "Rendering", len(shots)))
            table = measured(shots, args.models, args.true_tissues, not args.no_pose)
    if args.rows:
        table.drop(columns=["errors", "everywhere"]).to_csv(args.rows, index=False)
    print_errors("every photograph", table)
    passed = table[table["passed"]]
    print_errors("passed by the gate", passed)
    print_errors("the same, nothing left out", with_nothing_left_out(passed))
    print_gate(table)
    if args.fit:
        print_fit(table)


if __name__ == "__main__":
    main()
