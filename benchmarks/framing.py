"""Fit and measure the signs that tell how a photograph is framed, whether or not the body could be laid on it.

Run with ``python benchmarks/framing.py [--photographs N] [--seed S] [--fit]``. Photographs of rendered patients, as a
clinic that keeps to a standard takes them, are registered as they are and again from too far, from too near, and with
a third to a half of the part out of the picture (`quality.framings`); good ones that show a face also with a cloth over
it, and are good then too. Printed is, by how each was taken, which framing its signs hold for the likeliest, how many
count as badly framed, how often the right fault is among those told, and which faces are held for bare.

With ``--fit`` the weights of `reepi.mapping.framing_signs.WEIGHTS` are fitted to them and printed; the table then is of
patients that were left out of the fit, in ten parts.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, fields
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from quality import framings, photograph_of, render, with_cloth
from rich.progress import track

from reepi.cli.models import Models
from reepi.core.capture import CaptureProtocol
from reepi.core.errors import PhotographRejected
from reepi.core.views import VIEW_NAMES, VIEWS
from reepi.instruments import Instruments
from reepi.mapping.framing_signs import CONSTANT, GOOD, LEAST_GOOD, LEAST_TOLD, SIGNS, FramingSigns, likely_framing
from reepi.mapping.registrar import NetworkRegistrar, load_registrar
from reepi.phantom.framing import draw_framing
from reepi.phantom.study import STANDARD_DAYS, STANDARD_VIEWS, StudyOptions, study_patient

PHOTOGRAPHS_PER_PATIENT = 5
FOLDS = 10
FIT_SEED = 91
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
        row = {"number": number, "patient": patient_number, "view": view.name, "kind": kind, "cloth": cloth}
        try:
            attempt = registrar().attempt(photograph, instruments().segment(photograph), view, patient.template)
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


def fitted(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return the weights of a multinomial logistic model, with a ridge on standardised signs and parts of the body."""
    from sklearn.linear_model import LogisticRegression

    signs, parts = table[list(SIGNS)], sorted({view.part for view in VIEWS.values()})
    middle, spread = signs.mean().to_numpy(), signs.std().to_numpy()
    of_part = np.equal.outer(table["part"].to_numpy(), np.array(parts)).astype(float)
    model = LogisticRegression(C=RIDGE, max_iter=5000)
    model.fit(np.hstack([(signs.to_numpy() - middle) / spread, of_part]), table["kind"])
    slopes, of_parts = model.coef_[:, : len(SIGNS)] / spread, model.coef_[:, len(SIGNS) :]
    constants = model.intercept_ - slopes @ middle
    return {
        str(name): dict(zip((CONSTANT, *parts, *SIGNS), map(float, (constant, *part, *slope)), strict=True))
        for name, constant, part, slope in zip(model.classes_, constants, of_parts, slopes, strict=True)
    }


def judged(table: pd.DataFrame, weights: dict[str, dict[str, float]] | None) -> pd.DataFrame:
    """Return the probability of each framing, a row for each photograph."""
    told = []
    for row in table.to_dict("records"):
        signs = FramingSigns(**{field.name: row[field.name] for field in fields(FramingSigns)})
        told.append(likely_framing(signs) if weights is None else likely_framing(signs, weights))
    return pd.DataFrame(told, index=table.index)


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
    taken = table["kind"].where(~table["cloth"], COVERED)
    for title, some in (("all", table["code"] != ""), ("not placed", table["code"] != "placed")):
        print(f"\n{title:20s}{'n':>5s}{'badly framed %':>16s}{'fault named %':>15s}  likeliest")
        for name, rows in table[some].groupby(taken):
            kind, own = rows["kind"].iloc[0], likely.loc[rows.index]
            named = bad[rows.index] & ((own[kind] >= LEAST_TOLD) | (own.idxmax(axis=1) == kind))
            share = "" if kind == GOOD else f"{100 * named.mean():.1f}"
            counts = ", ".join(f"{each} {n}" for each, n in own.idxmax(axis=1).value_counts().items())
            print(f"{name:20s}{len(rows):5d}{100 * bad[rows.index].mean():16.1f}{share:>15s}  {counts}")
    print(f"\n{'faces':20s}{'n':>5s}{'seen %':>16s}{'held for bare %':>17s}")
    faces = table[table["kind"].eq(GOOD) & table["number"].isin(table["number"][table["cloth"]])]
    for name, rows in faces.groupby(taken):
        bare = 100 * (rows["bare_face"] > CaptureProtocol().bare_face_percent / 100).mean()
        print(f"{name:20s}{len(rows):5d}{100 * rows['bare_face'].notna().mean():16.1f}{bare:17.1f}")


def main() -> None:
    """Render, register, fit and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--photographs", type=int, default=140)
    parser.add_argument("--others", type=int, default=66, help="photographs of views that no standard visit has")
    parser.add_argument("--seed", type=int, default=FIT_SEED)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--table", type=Path, help="file for the signs of every photograph, as CSV")
    options = parser.parse_args()
    numbers = [*range(options.photographs), *range(OTHERS_FROM, OTHERS_FROM + options.others)]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        done = pool.map(rows_of, numbers, [options.seed] * len(numbers))
        table = pd.DataFrame([row for rows in track(done, "photographs", len(numbers)) for row in rows])
    if options.table is not None:
        table.to_csv(options.table, index=False)
    lost = table["code"] == "lost"
    print(f"{len(table)} photographs, on {lost.sum()} of which nothing could be laid at all")
    table = table[~lost].reset_index(drop=True)
    likely = left_out(table) if options.fit else judged(table, None)
    show(table, likely)
    if options.fit:
        print()
        for name, weights in fitted(table).items():
            print(f"    {name!r}: {{")
            print("".join(f'        "{sign}": {weight:.3f},\n' for sign, weight in weights.items()) + "    },")


if __name__ == "__main__":
    main()
