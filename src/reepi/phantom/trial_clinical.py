"""What the ward would know of a simulated trial's patients, and a historical cohort to hold them against.

All figures are made up so that they look like a ward's; none is a patient's. The sicker are the ones with the larger
SCORTEN: they die, become septic and stay longer more often.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np

from reepi.core.clinical import MUCOSAE, HistoricalPatient, Observation
from reepi.phantom.trial_patients import DEATH_DAY, LEAVING_DAY, TrialPatient
from reepi.scoring.scorten import ScortenValues, logistic_mortality, points

INVOLVED: Final = {"mouth": 0.95, "nose": 0.5, "eyes": 0.8, "genitals": 0.6}
"""How often each mucous membrane is involved."""

LOOKED_AT_DAYS: Final = (7, 10, 15, 22, 30, 60, 90, 180)
"""Days on which mucous membranes are looked at."""

LAST_DAY: Final = 365
"""Follow-up ends after twelve months."""

EVENTS: Final = ("fever", "central line infection", "raised transaminases", "pain at the infusion site", "hypokalaemia")

SEQUELAE: Final = ("dry eyes", "patchy pigmentation", "nail dystrophy", "post-traumatic stress")

LABORATORY: Final = {"ifn_gamma": 20.0, "il_4": 4.0, "cxcl9": 900.0, "cxcl10": 700.0}
"""Th1 and Th2 cytokines and chemokines in serum, with the median at day 0 [pg/mL]."""

LABORATORY_DAYS: Final = (0, 10, 30)

MEASURABLE: Final = 2.0
"""Smaller laboratory values are told as below this [pg/mL]."""

CHIMERISM_DAY: Final = 30

HISTORICAL_PATIENTS: Final = 60


@dataclass
class Chart:
    """A patient's chart while it is drawn.

    Parameters
    ----------
    patient : TrialPatient
        Whose.
    rng : numpy.random.Generator
        Source of chance.
    scorten : int
        Points at admission.
    end : int or None
        Day of death, or of leaving the study.
    lines : list of Observation
        What has been written.
    """

    patient: TrialPatient
    rng: np.random.Generator
    scorten: int = 0
    end: int | None = None
    died: bool = False
    lines: list[Observation] = field(default_factory=list)

    def on(self, day: int) -> date:
        """Return the date of a day."""
        return self.patient.day_zero + timedelta(days=day)

    @property
    def last_day(self) -> int:
        """Last day of which anything is known."""
        return LAST_DAY if self.end is None else self.end

    def write(self, item: str, day: int | date, text: str = "", number: float | None = None, unit: str = "") -> None:
        """Write a line."""
        on = day if isinstance(day, date) else self.on(day)
        self.lines.append(Observation(self.patient.person.patient_id, item, on, text, number, unit))


def draw_chart(patient: TrialPatient, rng: np.random.Generator) -> Chart:
    """Return what the ward knows of a patient."""
    chart = Chart(patient, rng)
    worst = max(patient.open_percent(day) for day in (0, 3, 5))
    _admission(chart)
    _end(chart)
    _stay(chart, worst)
    for site in MUCOSAE:
        _mucosa(chart, site)
    _event(chart, "sepsis", 0.05 + 0.06 * chart.scorten)
    _event(chart, "intensive_care", 0.1 + 0.08 * chart.scorten)
    _adverse_events(chart)
    _sequelae(chart)
    _laboratory(chart)
    return chart


def _admission(chart: Chart) -> None:
    """Write admission and the items of SCORTEN; one patient's bicarbonate and bedside estimate are not known."""
    rng, patient = chart.rng, chart.patient
    before = (patient.day_zero - patient.admission).days
    # A bedside estimate is too large more often than too small (Cheah 2018: +8 % of body surface with a chart).
    bedside = round(min(patient.open_percent(-before) * float(np.exp(rng.normal(0.15, 0.25))), 95.0))
    values = {
        "heart_rate": (round(float(np.clip(rng.normal(108, 16), 60, 170))), "1/min"),
        "urea": (round(float(np.exp(rng.normal(1.9, 0.45))), 1), "mmol/L"),
        "glucose": (round(float(np.exp(rng.normal(2.0, 0.35))), 1), "mmol/L"),
        "bicarbonate": (round(float(np.clip(rng.normal(22.5, 3), 12, 32))), "mmol/L"),
        "initial_open_bsa": (bedside, "% BSA"),
    }
    malignancy = bool(rng.random() < 0.12)
    numbers = {item: float(value) for item, (value, _) in values.items()}
    known = ScortenValues(age=patient.person.age_years, malignancy=malignancy, **numbers)
    chart.scorten = sum(point or 0 for point in points(known).values())
    chart.write("admission", patient.admission)
    for item, (value, unit) in values.items():
        if patient.role != "unmeasured" or item not in ("bicarbonate", "initial_open_bsa"):
            chart.write(item, patient.admission, f"{value} {unit}", float(value), unit)
    chart.write("malignancy", patient.admission, "yes" if malignancy else "no")
    chart.write("dialysis", patient.admission, "yes" if rng.random() < 0.03 else "no")


def _end(chart: Chart) -> None:
    """Decide whether and when the patient dies or leaves: SCORTEN's own mortality, beside the two who are to."""
    rng, role = chart.rng, chart.patient.role
    dies = 100 * rng.random() < logistic_mortality(chart.scorten).percent
    day = int(np.clip(round(rng.gamma(3, 5)), 8, 60))
    if role == "dies_early":
        chart.died, chart.end = True, DEATH_DAY
    elif role == "leaves":
        chart.end = LEAVING_DAY
    elif role is None and dies:
        chart.died, chart.end = True, day


def _stay(chart: Chart, worst: float) -> None:
    """Write how the stay ended, and the last that was heard."""
    days = round(float(np.clip(9 + 0.35 * worst + 1.5 * chart.scorten + chart.rng.normal(0, 4), 6, 90)))
    leaves = chart.last_day if chart.end is not None else days
    chart.write("death", chart.last_day) if chart.died else chart.write("discharge", min(days, leaves))
    if chart.patient.role == "leaves":
        chart.write("left_study", chart.last_day)
    if not chart.died:
        chart.write("last_contact", chart.last_day)


def _mucosa(chart: Chart, site: str) -> None:
    """Write a membrane as it is found: involved until it is first seen healed."""
    item, rng = f"mucosa_{site}", chart.rng
    involved, heals = bool(rng.random() < INVOLVED[site]), float(rng.gamma(4, 5 if site == "eyes" else 3.2))
    if not involved:
        chart.write(item, chart.patient.admission, "not_involved")
        return
    chart.write(item, chart.patient.admission, "involved")
    looked = [day for day in LOOKED_AT_DAYS if day < chart.last_day]
    for day in looked:
        chart.write(item, day, "healed" if day >= heals else "involved")
        if day >= heals:
            return


def _event(chart: Chart, item: str, chance: float) -> None:
    happens, day = bool(chart.rng.random() < chance), int(chart.rng.integers(0, 12))
    if happens and day < chart.last_day:
        chart.write(item, day, "yes")
    else:
        chart.write(item, chart.last_day, "no")


def _adverse_events(chart: Chart) -> None:
    rng = chart.rng
    days = sorted({*rng.integers(0, 11, rng.poisson(0.7)).tolist(), *rng.integers(11, 40, rng.poisson(0.5)).tolist()})
    terms = rng.permutation(EVENTS).tolist()
    told = [(day, term) for day, term in zip(days, terms, strict=False) if day < chart.last_day]
    for day, term in told:
        chart.write("adverse_event", day, term)
    if not told:
        chart.write("adverse_event", chart.last_day, "no")


def _sequelae(chart: Chart) -> None:
    """Write lasting harms, which show in the months after; of those who died or left nothing is known."""
    if chart.end is not None:
        return
    found = chart.rng.permutation(SEQUELAE)[: chart.rng.binomial(len(SEQUELAE), 0.2)].tolist()
    for term in found:
        chart.write("sequela", int(chart.rng.integers(60, 300)), term)
    if not found:
        chart.write("sequela", LAST_DAY, "no")


def _laboratory(chart: Chart) -> None:
    """Write cytokines and chemokines, which fall as the skin heals, and the chimerism of a biopsy."""
    rng = chart.rng
    for name, median in LABORATORY.items():
        own = float(rng.normal(0, 0.6))
        for day, fall in zip(LABORATORY_DAYS, (0.0, 0.9, 1.8), strict=True):
            value = median * float(np.exp(own - fall + rng.normal(0, 0.3)))
            if day < chart.last_day:
                _laboratory_value(chart, f"laboratory_{name}", day, value)
    share = round(float(rng.gamma(1, 0.4)), 2)
    if chart.last_day > CHIMERISM_DAY:
        chart.write("chimerism", CHIMERISM_DAY, f"{share:g} %", share, "%")


def _laboratory_value(chart: Chart, item: str, day: int, value: float) -> None:
    if value < MEASURABLE:
        chart.write(item, day, f"<{MEASURABLE:g}", None, "pg/mL")
    else:
        number = float(f"{value:.3g}")
        chart.write(item, day, f"{number:g}", number, "pg/mL")


def draw_historical(rng: np.random.Generator, patients: int = HISTORICAL_PATIENTS) -> Iterator[HistoricalPatient]:
    """Yield a historical cohort whose stays follow skin, SCORTEN and onset as those of the trial do, a bit longer."""
    for _ in range(patients):
        worst = round(float(np.clip(np.exp(rng.normal(3.1, 0.6)), 2, 90)), 1)
        scorten = int(min(rng.binomial(6, 0.25) + (worst > 10), 7))
        onset = int(rng.integers(1, 10))
        died = bool(100 * rng.random() < logistic_mortality(scorten).percent)
        full = 13 + 0.35 * worst + 1.5 * scorten + 0.3 * onset + float(rng.normal(0, 5))
        stay = round(float(np.clip(rng.uniform(2, 30) if died else full, 2, 120)))
        yield HistoricalPatient(float(stay), died, worst, float(onset), scorten)


def historical_text(cohort: Iterator[HistoricalPatient]) -> str:
    """Return ``historical.csv``."""
    lines = ["stay_days,died,max_open_bsa,onset_to_admission_days,scorten"]
    for one in cohort:
        died = "yes" if one.died else "no"
        lines.append(f"{one.stay_days:g},{died},{one.max_open_bsa:g},{one.onset_to_admission_days:g},{one.scorten}")
    return "\n".join(lines) + "\n"
