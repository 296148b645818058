"""Fit and measure the signs that tell how a photograph is framed, whether or not the body could be laid on it.

Run with ``python benchmarks/framing.py [--photographs N] [--seed S ...] [--fit FILE]``. Photographs of rendered
patients, as a clinic that keeps to a standard takes them, are registered as they are and again from too far, from too
near, and with a third to a half of the part out of the picture (`quality.framings`); good ones that show a face also
with a cloth over it, and are good then too. Printed is, by how each was taken, which framing its signs hold for the
likeliest, how many count as badly framed, how often the right fault is among those told, and which faces are held for
bare.

With ``--fit`` the weights of `reepi.mapping.framing_odds` are fitted to them and written to a file such as
``src/reepi/mapping/framing_odds.json``; the table then is of patients that were left out of the fit, in ten parts. The
signs take half an hour for each seed on two cores: ``--table`` keeps them, and ``--signs`` takes them from such tables.
``--odds FILE`` judges by such a file in place of the shipped one: fitted to one seed, it is judged on another.
"""

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, fields
from functools import cache
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from quality import framings, photograph_of, render, with_cloth
from rich.progress import track

from reepi.body.template import build_template
from reepi.cli.models import Models
from reepi.core.capture import CaptureProtocol
from reepi.core.errors import PhotographRejected
from reepi.core.views import VIEW_NAMES, VIEWS
from reepi.instruments import Instruments
from reepi.mapping.framing_odds import GOOD, LEAST_GOOD, FramingOdds, shipped_odds, told_faults
from reepi.mapping.framing_signs import SIGNS, FramingSigns
from reepi.mapping.registrar import NetworkRegistrar, load_registrar
from reepi.phantom.framing import draw_framing
from reepi.phantom.study import STANDARD_DAYS, STANDARD_VIEWS, StudyOptions, study_patient

PHOTOGRAPHS_PER_PATIENT = 5
FOLDS = 10
FIT_SEEDS = (91, 92)
RIDGE = 1.0
COVERED = "good, face covered"

OTHER_VIEWS = tuple(name for name in VIEW_NAMES if name not in STANDARD_VIEWS)
OTHERS_FROM = 1100
"""Numbers of photographs from which they show the other views."""


@cache
def instruments() -> Instruments:
    """Return the networks of this process."""
    cv2.setNumThreads(1)
    return Models.chosen().instruments()


@cache
def registrar() -> NetworkRegistrar:
    """Return the correspondence network of this process."""
    models = Models.chosen()
    return load_registrar(models.correspondence, models.pose)


def rows_of(number: int, seed: int) -> list[dict[str, object]]:
    """Return the signs of one photograph in every framing, and whether the body could be laid on it."""
    rng = np.random.default_rng([seed, 5, number])
    names = STANDARD_VIEWS if number < OTHERS_FROM else OTHER_VIEWS
    view = VIEWS[names[number % len(names)]]
    options = StudyOptions(Path(), 1, seed)
    patient_number = number // PHOTOGRAPHS_PER_PATIENT
    patient = study_patient(options, patient_number)
    known = build_template(patient.patient)
    framing = draw_framing(rng, options.long_side, wide=False)
    rows: list[dict[str, object]] = []
    day = STANDARD_DAYS[number % len(STANDARD_DAYS)]
    taken = {
        kind: render(patient, day, view.name, other, [seed, number])
        for kind, other in {GOOD: framing, **framings(framing, rng)}.items()
    }
    pictures = [(kind, False, each.pixels) for kind, each in taken.items()]
    covered = with_cloth(taken[GOOD], patient.template, rng)
    pictures += [] if covered is None else [(GOOD, True, covered)]
    for kind, cloth, pixels in pictures:
        photograph = photograph_of(pixels)
        row = {
            "seed": seed,
            "number": number,
            "patient": patient_number,
            "view": view.name,
            "kind": kind,
            "cloth": cloth,
        }
        try:
            attempt = registrar().attempt(photograph, instruments().segment(photograph), view, known)
        except PhotographRejected:
            rows.append({**row, "code": "lost"})
            continue
        code = "placed"
        try:
            attempt.judged()
        except PhotographRejected as rejection:
            code = rejection.code
        signs = attempt.signs()
        rows.append({**row, "code": code, **asdict(signs)})
    return rows


def fitted(table: pd.DataFrame) -> FramingOdds:
    """Return the odds that fit photographs best, with a ridge on the weights of standardised signs."""
    from sklearn.linear_model import LogisticRegression

    signs, parts = table[list(SIGNS)].to_numpy(float), tuple(sorted({view.part for view in VIEWS.values()}))
    middle, spread = signs.mean(axis=0), signs.std(axis=0)
    standard = (signs - middle) / spread
    of_part = np.equal.outer(table["part"].to_numpy(), np.array(parts)).astype(float)
    by_part = (of_part[:, :, None] * standard[:, None]).reshape(len(table), -1)
    model = LogisticRegression(C=RIDGE, max_iter=5000)
    model.fit(np.hstack([standard, standard**2, of_part, by_part]), table["kind"])
    common, bends, constants, own = np.split(
        model.coef_, np.cumsum([len(SIGNS), len(SIGNS), len(parts)]).tolist(), axis=1
    )
    slopes = (common[:, None] + own.reshape(len(common), len(parts), -1)) / spread
    bends = bends / spread**2
    constants = model.intercept_[:, None] + constants - slopes @ middle + (bends @ middle**2)[:, None]
    framings = tuple(map(str, model.classes_))
    slopes = slopes - 2 * (bends * middle)[:, None]
    return FramingOdds(framings, parts, signs.min(axis=0), signs.max(axis=0), constants, slopes, bends)


def judged(table: pd.DataFrame, odds: FramingOdds) -> pd.DataFrame:
    """Return the probability of each framing, a row for each photograph."""
    names = [field.name for field in fields(FramingSigns)]
    rows = table[names].to_dict("records")
    return pd.DataFrame([odds.likely(FramingSigns(**row)) for row in rows], index=table.index)


def left_out(table: pd.DataFrame) -> pd.DataFrame:
    """Return the probability of each framing, of patients that the fit did not see."""
    parts = []
    for fold in range(FOLDS):
        test = table["patient"] % FOLDS == fold
        if test.any():
            parts.append(judged(table[test], fitted(table[~test])))
    return pd.concat(parts).loc[table.index]


def show(table: pd.DataFrame, likely: pd.DataFrame) -> None:
    """Print what the signs say of each framing, of all photographs and of those that were not placed, and of faces."""
    bad = likely[GOOD] < LEAST_GOOD
    told = pd.Series([told_faults(row) for row in likely.to_dict("records")], index=likely.index)
    taken = table["kind"].where(~table["cloth"], COVERED)
    for title, some in (("all", table["code"] != ""), ("not placed", table["code"] != "placed")):
        print(f"\n{title:20s}{'n':>5s}{'badly framed %':>16s}{'fault named %':>15s}  likeliest")
        for name, rows in table[some].groupby(taken):
            kind, own = rows["kind"].iloc[0], likely.loc[rows.index]
            named = np.mean([kind in faults for faults in told[rows.index]])
            share = "" if kind == GOOD else f"{100 * named:.1f}"
            counts = ", ".join(f"{each} {n}" for each, n in own.idxmax(axis=1).value_counts().items())
            print(f"{name:20s}{len(rows):5d}{100 * bad[rows.index].mean():16.1f}{share:>15s}  {counts}")
    print(f"\n{'faces':20s}{'n':>5s}{'seen %':>16s}{'held for bare %':>17s}")
    number = table["seed"].astype(str) + " " + table["number"].astype(str)
    faces = table[table["kind"].eq(GOOD) & number.isin(number[table["cloth"]])]
    for name, rows in faces.groupby(taken):
        bare = 100 * (rows["bare_face"] > CaptureProtocol().bare_face_percent / 100).mean()
        print(f"{name:20s}{len(rows):5d}{100 * rows['bare_face'].notna().mean():16.1f}{bare:17.1f}")


def main() -> None:
    """Render, register, fit and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--photographs", type=int, default=140)
    parser.add_argument("--others", type=int, default=66, help="photographs of views that no standard visit has")
    parser.add_argument("--seed", type=int, nargs="+", default=FIT_SEEDS)
    parser.add_argument("--fit", type=Path, help="file for the fitted weights")
    parser.add_argument("--table", type=Path, help="file for the signs of every photograph, as CSV")
    parser.add_argument("--signs", type=Path, nargs="+", help="such tables of earlier runs, in place of photographs")
    parser.add_argument("--odds", type=Path, help="file of weights to judge by, in place of the shipped one")
    options = parser.parse_args()
    if options.signs:
        table = pd.concat([pd.read_csv(path) for path in options.signs], ignore_index=True)
    else:
        table = rendered(options.seed, [*range(options.photographs), *range(OTHERS_FROM, OTHERS_FROM + options.others)])
    if options.table is not None:
        table.to_csv(options.table, index=False)
    lost = table["code"] == "lost"
    print(f"{len(table)} photographs, on {lost.sum()} of which nothing could be laid at all")
    table = table[~lost].reset_index(drop=True)
    odds = shipped_odds() if options.odds is None else FramingOdds.of_text(options.odds.read_text(encoding="utf-8"))
    show(table, judged(table, odds) if options.fit is None else left_out(table))
    if options.fit is not None:
        options.fit.write_text(fitted(table).text(), encoding="utf-8")


def rendered(seeds: Sequence[int], numbers: Sequence[int]) -> pd.DataFrame:
    """Return the signs of photographs of these numbers, with every seed."""
    seeds, numbers = zip(*product(seeds, numbers), strict=True)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        done = pool.map(rows_of, numbers, seeds)
        return pd.DataFrame([row for rows in track(done, "photographs", len(numbers)) for row in rows])


if __name__ == "__main__":
    main()
