"""Whole trials drawn at random: charts of the ward through the real clinical rows, and rates as their visits give."""

from datetime import timedelta

import numpy as np
from cohort_studies import DAY_ZERO, on, row

from reepi.core.clinical import MUCOSAE, ClinicalRecord, HistoricalPatient, Observation
from reepi.core.results import EndpointRow
from reepi.core.study import Patient, Protocol, Study
from reepi.scoring.clinical_endpoints import clinical_rows

PROTOCOL = Protocol(almost_complete_percent=90.0, window_days=1, scorten_mortality="table")

VISITS = (0, 5, 7, 10, 15)

LOOKS = (0, 5, 7, 10, 15, 30)
"""Days on which mucous membranes are looked at."""

LATE = (10, 15)
"""Planned days whose visit may be a day late; such a visit answers no other day."""


def drawn_trial(seed: int, patients: int = 15) -> tuple[Study, list[EndpointRow]]:
    """Return a study and the endpoints of its patients; one was never infused."""
    rng = np.random.default_rng(seed)
    names = [f"P{i + 1:02}" for i in range(patients + 1)]
    people = tuple(
        Patient(
            name, "F", float(rng.integers(20, 76)), 165, 60, on(int(-rng.integers(3, 12))), None if last else DAY_ZERO
        )
        for name, last in ((name, name == names[-1]) for name in names)
    )
    charts = {each.patient_id: ClinicalRecord(tuple(_chart(each, rng))) for each in people}
    history = tuple(
        HistoricalPatient(
            float(rng.integers(8, 60)),
            bool(rng.random() < 0.2),
            float(rng.uniform(10, 70)),
            float(rng.integers(0, 9)),
            int(rng.integers(0, 6)) if rng.random() < 0.9 else None,
        )
        for _ in range(40)
    )
    study = Study("drawn", "infusion", VISITS, PROTOCOL, people, (), clinical=charts, historical=history)
    rows: list[EndpointRow] = []
    for each in people:
        rows += _skin_rows(each, study, rng)
        rows += clinical_rows(each, study.record(each.patient_id), PROTOCOL, day_zero="infusion")
    return study, rows


def _chart(patient: Patient, rng: np.random.Generator) -> list[Observation]:
    """Return what the ward wrote of a patient, with holes."""
    lines: list[Observation] = []

    def write(item: str, day: int, text: str = "", number: float | None = None, unit: str = "") -> None:
        lines.append(Observation(patient.patient_id, item, on(day), text, number, unit))

    write("admission", -2)
    for item, low, high in (("heart_rate", 70, 150), ("urea", 3, 18), ("glucose", 4, 20), ("bicarbonate", 14, 28)):
        if rng.random() < 0.95:
            write(item, -2, "", float(rng.uniform(low, high)))
    write("initial_open_bsa", -2, "", float(rng.uniform(2, 40)))
    write("malignancy", -2, "yes" if rng.random() < 0.2 else "no")
    death = int(rng.integers(3, 60)) if rng.random() < 0.2 else None
    end = death if death is not None else 90
    if death is not None:
        write("death", death)
    elif rng.random() < 0.95:
        write("discharge", int(rng.integers(12, 50)))
    if rng.random() < 0.8:
        write("follow_up", end)
    for site in MUCOSAE:
        healed = int(rng.integers(4, 40))
        if rng.random() < 0.8:
            for day in LOOKS:
                if day <= end:
                    write(f"mucosa_{site}", day, "healed" if day >= healed else "involved")
        elif rng.random() < 0.7:
            write(f"mucosa_{site}", 0, "not_involved")
    for item in ("sepsis", "intensive_care", "sequela"):
        if rng.random() < 0.9:
            happens = rng.random() < 0.4
            write(item, 6 if happens else end, "yes" if happens else "no")
    for day in rng.integers(0, 20, rng.integers(0, 3)):
        write("adverse_event", int(day), "fever")
    if rng.random() < 0.8:
        write("adverse_event", 20, "no")
    for day in (0, 10, 30):
        if day <= end:
            value = float(rng.gamma(2, 3))
            write("laboratory_il_4", day, "<1" if value < 1 else "", None if value < 1 else value, "pg/mL")
    return lines


def _skin_rows(patient: Patient, study: Study, rng: np.random.Generator) -> list[EndpointRow]:
    """Return rates by visit, when they were reached, the answer at day 7, and the largest open area."""
    name, record = patient.patient_id, study.record(patient.patient_id)
    end = None if record.death is None else (record.death - DAY_ZERO) / timedelta(days=1)
    slope, by_day, planned = rng.uniform(4, 16), {}, {}
    for day in VISITS:
        late = int(rng.integers(0, 2)) if day in LATE else 0
        seen = rng.random() < 0.9 and (end is None or day + late <= end)
        if seen and patient.day_zero_date is not None:
            by_day[day + late] = planned[day] = float(np.clip(slope * (day + late) + rng.normal(0, 5), 0, 100))
    rows = [row(name, "max_open_bsa", float(rng.uniform(10, 60)), unit="% BSA")]
    rows += [row(name, "reepithelialisation_rate", rate, day, unit="%") for day, rate in by_day.items()]
    rows += [
        row(name, "reepithelialisation_rate_planned", planned.get(day), day, unit="%")
        for day in VISITS
        if patient.day_zero_date is not None
    ]
    for percent in (50, 90, 100):
        reached = next((day for day, rate in by_day.items() if rate >= percent), None)
        before = max((day for day in by_day if reached is None or day < reached), default=None)
        ends = (None if before is None else float(before), None if reached is None else float(reached))
        rows.append(row(name, f"time_to_{percent}", ends[1], low=ends[0], high=ends[1], unit="day"))
    died = end is not None and end <= 7
    answer = "no" if died else {True: "yes", False: "no"}.get(planned[7] >= 90) if 7 in planned else None
    return [*rows, row(name, "responder", answer, 7, unit="yes/no")]
