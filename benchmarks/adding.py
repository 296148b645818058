"""Measure how photographs come into a study: what names tell, what pictures tell, and what a killed run leaves.

Run with ``python benchmarks/adding.py [--study DIR] [--kills N] [--seed S]``; the study is the sample by default.
Prints three Markdown tables: all views on three days of two patients, named as people of several countries name them,
with how many are sure and right, sure and wrong, and asked about; the view that the network names in the study's
photographs, for each picture alone and for a visit at once; and runs of ``reepi add`` that were killed at random
moments, with lines that lack their file.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from reepi.cli.incoming import body_predictor
from reepi.core.study import Patient, PhotoEntry, Protocol, Study
from reepi.core.views import VIEWS, View
from reepi.imaging.reading import read_photograph
from reepi.store.adding.plan import Addition, Guess, Source, plan_additions
from reepi.store.adding.seen_views import with_seen_views
from reepi.store.shipped import sample_study
from reepi.store.study import read_study

PARTS = {
    "fr": "corps entier,tête,tronc,pubis,fesses,bras,main,jambe,pied",
    "de": "Ganzkörper,Kopf,Rumpf,Leiste,Gesäß,Arm,Hand,Bein,Fuß",
    "es": "cuerpo entero,cabeza,tronco,pelvis,nalgas,brazo,mano,pierna,pie",
    "it": "corpo intero,testa,tronco,bacino,glutei,braccio,mano,gamba,piede",
}
"""Parts of the body in the order of `PART_ORDER`."""

PART_ORDER = ("whole", "head", "trunk", "pelvis", "buttocks", "arm", "hand", "leg", "foot")
SIDES = {"fr": "gauche,droite", "de": "links,rechts", "es": "izquierda,derecha", "it": "sinistra,destra"}
ASPECT_ORDER = ("anterior", "posterior", "medial", "lateral", "dorsal", "palmar", "plantar")
ASPECTS = {
    "fr": "de face,arrière,interne,externe,dorsale,paume,plante",
    "de": "vorne,hinten,innen,außen,dorsal,palmar,plantar",
    "es": "frente,detrás,interna,externa,dorsal,palmar,plantar",
    "it": "davanti,dietro,interno,esterno,dorsale,palmare,plantare",
}


def words(view: View, language: str) -> str:
    """Return a view in words."""
    side, aspect = view.side, view.aspect
    if aspect in ("left", "right"):
        side, aspect = aspect, ""
    told = [PARTS[language].split(",")[PART_ORDER.index(view.part)]]
    told += [SIDES[language].split(",")[side == "right"]] if side else []
    told += [ASPECTS[language].split(",")[ASPECT_ORDER.index(aspect)]] if aspect else []
    return " ".join(told)


Named = Callable[[PhotoEntry, int], tuple[str, ...]]

HABITS: dict[str, Named] = {
    "reepi's own names": lambda e, day: (f"{e.patient_id}_d{day:02}_{e.view_name}",),
    "English, day folders": lambda e, day: (e.patient_id, f"Day {day}", e.view_name.replace("_", " ")),
    "French": lambda e, day: (e.patient_id, f"J{day}", f"{words(e.view, 'fr')} (2)"),
    "German, dates": lambda e, day: (f"Patient {e.patient_id}", f"{e.taken_at:%d.%m.%Y}", words(e.view, "de")),
    "Spanish": lambda e, day: (e.patient_id.lower(), f"dia {day}", words(e.view, "es")),
    "Italian, one name": lambda e, day: (f"{e.patient_id} giorno {day} {words(e.view, 'it')}",),
    "telephone in folders": lambda e, day: (e.patient_id, e.view_name, f"IMG_{e.taken_at:%Y%m%d_%H%M%S}"),
    "camera's counter alone": lambda e, day: ("DCIM", "100CANON", f"IMG_{e.taken_at:%M%S}"),
}


def all_views() -> Study:
    """Return a study whose two patients were photographed in every view on three days."""
    zero = date(2024, 3, 5)
    patients = tuple(Patient(name, "F", 40, 165, 62, zero, zero) for name in ("P01", "P02"))
    days = [datetime(2024, 3, 5, 9) + timedelta(days=day) for day in (0, 3, 11)]
    visits = [(patient.patient_id, day) for patient in patients for day in days]
    photos = [
        PhotoEntry(f"photos/{who}_{day:%d}_{view}.jpg", who, day + timedelta(minutes=number), view)
        for who, day in visits
        for number, view in enumerate(VIEWS)
    ]
    return Study("Every view", "infusion", (0, 3, 11), Protocol(), patients, tuple(photos))


def named_as(study: Study, named: Named) -> list[tuple[PhotoEntry, Addition]]:
    """Return each photograph of a study with what its names tell."""
    sources = {}
    for number, entry in enumerate(study.photos):
        zero = study.patient(entry.patient_id).day_zero_date or entry.taken_at.date()
        names = named(entry, (entry.taken_at.date() - zero).days)
        sources[Path(str(number), *names).with_suffix(".jpg")] = entry, names
    offered = [Source(path, names, str(path)) for path, (_, names) in sources.items()]
    bare = Study(study.name, study.day_zero, study.visit_days, study.protocol, study.patients, ())
    found = plan_additions(bare, offered, {}, today=date(2100, 1, 1))
    return [(sources[addition.file][0], addition) for addition in found]


def is_right(entry: PhotoEntry, addition: Addition) -> bool:
    """Say whether an addition is what the study says."""
    day = addition.taken_at.value
    told = (addition.patient_id.value, None if day is None else day.date(), addition.view.value)
    return told == (entry.patient_id, entry.taken_at.date(), entry.view_name)


def print_names(study: Study) -> None:
    """Print what names tell, by habit."""
    print("| Names | photographs | sure and right | sure and wrong | asked about |\n|---|---|---|---|---|")
    for habit, named in HABITS.items():
        found = named_as(study, named)
        right = sum(addition.sure and is_right(entry, addition) for entry, addition in found)
        wrong = sum(addition.sure and not is_right(entry, addition) for entry, addition in found)
        print(f"| {habit} | {len(found)} | {right} | {wrong} | {len(found) - right - wrong} |")


def print_pictures(study: Study, folder: Path) -> None:
    """Print how often the view is the declared one that the network names, and the time of a photograph."""
    predict = body_predictor(None)()
    begin, additions, seen = time.perf_counter(), [], {}
    for entry in study.photos:
        file = folder / entry.file
        seen[file] = predict(read_photograph(file), VIEWS["whole_anterior"]).views
        who, when = Guess(entry.patient_id, True, ""), Guess(entry.taken_at, True, "")
        additions.append(Addition(file, who, when, Guess[str](None, False, ""), tuple(VIEWS), entry.file))
    seconds = (time.perf_counter() - begin) / len(additions)
    declared = [entry.view_name for entry in study.photos]
    alone = [max(views, key=lambda name: views[name]) for views in seen.values()]
    together = [addition.view.value for addition in with_seen_views(additions, seen)]
    print("\n| View by | photographs | right |\n|---|---|---|")
    for name, found in (("each picture alone", alone), ("pictures of a visit at once", together)):
        right = sum(one == other for one, other in zip(declared, found, strict=True))
        print(f"| {name} | {len(declared)} | {right} ({100 * right / len(declared):.1f} %) |")
    print(f"\n{seconds:.2f} s a photograph, reading included.")


def print_kills(study: Path, kills: int, seed: int) -> None:
    """Kill runs that add all photographs of a study, and print what they leave."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        target, inbox = Path(place) / "study", Path(place) / "inbox"
        shutil.copytree(study / "photos", inbox)
        without_file = n_killed = 0
        for _ in range(kills):
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            for name in ("study.toml", "patients.csv"):
                shutil.copy(study / name, target)
            run = _adding(target, inbox)
            # Until the first copies are there the process only loads and looks.
            while run.poll() is None and not list(target.glob("photos/*")):
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.15))
            n_killed += run.poll() is None
            run.kill()
            run.wait()
            entries = read_study(target, may_be_empty=True).photos
            without_file += sum(not (target / entry.file).is_file() for entry in entries)
        _adding(target, inbox).wait()
        added = len(read_study(target).photos)
        copies = len(list(target.glob("photos/*")))
    print("\n| Runs | killed while adding | lines without a file | lines after one more run | files |")
    print("|---|---|---|---|---|")
    print(f"| {kills} | {n_killed} | {without_file} | {added} of {len(read_study(study).photos)} | {copies} |")


def _adding(target: Path, inbox: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "reepi", "add", str(target), str(inbox), "--yes", "--no-look"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", type=Path, default=sample_study())
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    study = read_study(chosen.study)
    print(f"{study.name}, {len(study.photos)} photographs, {datetime.now():%Y-%m-%d}\n")
    print_names(all_views())
    print_pictures(study, chosen.study)
    if chosen.kills:
        print_kills(chosen.study, chosen.kills, chosen.seed)


if __name__ == "__main__":
    main()
