"""What the report says of all patients together: key figures, their courses, and the trial's endpoints."""

from collections.abc import Sequence
from dataclasses import dataclass

from reepi.core.results import COHORT, EndpointRow
from reepi.core.study import Study
from reepi.report.content import EndpointGroup, ReportContent
from reepi.report.courses import PatientCourse, patient_courses
from reepi.report.trial_rows import TrialLine, trial_lines
from reepi.report.words import NO_VALUE, endpoint_figure, endpoint_interval, interval, number
from reepi.scoring.cohort_curves import CohortCurves, cohort_curves


@dataclass(frozen=True)
class KeyFigure:
    """A figure at the head of the report.

    Parameters
    ----------
    title, value : str
        What it is, and how much.
    detail : str
        Its interval, or why there is no value.
    """

    title: str
    value: str
    detail: str = ""


@dataclass(frozen=True)
class CohortContent:
    """Everything the report says of the cohort."""

    figures: tuple[KeyFigure, ...]
    planned_days: tuple[int, ...]
    courses: tuple[PatientCourse, ...]
    trial: tuple[TrialLine, ...]
    others: tuple[EndpointGroup, ...]
    healing: CohortCurves

    @property
    def trial_groups(self) -> tuple[EndpointGroup, ...]:
        """Endpoints of the trial's rows, for the notes beside their table."""
        return tuple(EndpointGroup(line.row.endpoint, line.row.endpoint, line.found) for line in self.trial)

    @property
    def without_days(self) -> tuple[PatientCourse, ...]:
        """Patients who cannot be drawn along the days."""
        return tuple(course for course in self.courses if not course.days)


def cohort_content(report: ReportContent) -> CohortContent:
    """Return what the report says of the cohort.

    Parameters
    ----------
    report : ReportContent
        What it says of the patients.
    """
    rows = [row for group in report.cohort for row in group.rows]
    rows += [row for patient in report.patients for group in patient.endpoints for row in group.rows]
    names, study = [patient.patient.patient_id for patient in report.patients], report.study
    trial = trial_lines(rows, names, _absent(study), study.day_zero)
    told = {row.endpoint for line in trial for row in line.found}
    others = tuple(group for group in report.cohort if group.name not in told)
    courses = patient_courses(report.study, report.patients)
    figures, healing = key_figures(report.study, rows), cohort_curves(report.study, rows)
    return CohortContent(figures, report.study.visit_days, courses, trial, others, healing)


def _absent(study: Study) -> tuple[str, ...]:
    there = {"clinical.csv": bool(study.clinical), "historical.csv": bool(study.historical)}
    return tuple(file for file, found in there.items() if not found)


def key_figures(study: Study, rows: Sequence[EndpointRow]) -> tuple[KeyFigure, ...]:
    """Return the figures at the head of the report.

    Parameters
    ----------
    study : Study
        For its patients.
    rows : sequence of EndpointRow
        Endpoints of its patients and of its cohort.
    """
    patients = len(study.patients)
    figures = [KeyFigure("Patients", str(patients))]
    if study.day_zero == "infusion":
        infused = sum(patient.day_zero_date is not None for patient in study.patients)
        figures.append(KeyFigure("Infused", f"{infused} of {patients}"))
    figures.append(_answers("Eligible", "eligible", rows))
    counted = sum(patient.day_zero_date is not None for patient in study.patients)
    figures.append(_rate("Responders at day 7", "responder", "responder_rate", rows, counted))
    figures.append(_deaths(rows, counted))
    title = f"Adverse event up to day {study.protocol.adverse_event_days}"
    figures.append(_rate(title, "adverse_event", "adverse_event", rows, counted))
    return tuple(figures)


def _of_patients(name: str, rows: Sequence[EndpointRow]) -> dict[str, float | str]:
    """Return the last value of an endpoint of each patient who has one."""
    theirs = (row for row in rows if row.patient_id != COHORT and row.endpoint == name)
    return {row.patient_id: row.value for row in theirs if row.value is not None}


def _of_cohort(name: str, rows: Sequence[EndpointRow]) -> EndpointRow | None:
    return next((row for row in rows if row.patient_id == COHORT and row.endpoint == name), None)


def _answers(title: str, name: str, rows: Sequence[EndpointRow]) -> KeyFigure:
    known = _of_patients(name, rows)
    if not known:
        return KeyFigure(title, NO_VALUE, "not known of any patient")
    return KeyFigure(title, f"{sum(value == 'yes' for value in known.values())} of {len(known)}")


def _rate(title: str, name: str, of_cohort: str, rows: Sequence[EndpointRow], counted: int) -> KeyFigure:
    """Return how many patients said yes, with the cohort's exact interval and bounds where the results have them."""
    figure, row = _answers(title, name, rows), _of_cohort(of_cohort, rows)
    if row is None or not isinstance(row.value, float):
        return figure
    detail = f"{number(row.value)} %, 95 % interval {interval(row.low, row.high)} %"
    known = len(_of_patients(name, rows))
    least, most = (_of_cohort(f"{of_cohort}_missing_{answer}", rows) for answer in ("no", "yes"))
    if known < counted and least is not None and most is not None:
        bounds = f"{_shown(least)} % of all if none of the others, {_shown(most)} % if all"
        detail = f"known of {known} of {counted}: {detail}; {bounds}"
    return KeyFigure(title, figure.value, detail)


def _shown(row: EndpointRow) -> str:
    return number(row.value if isinstance(row.value, float) else None)


def _deaths(rows: Sequence[EndpointRow], counted: int) -> KeyFigure:
    """Return deaths observed and expected; where a fate or a score is missing, of how many patients each is told."""
    title, fates = "Deaths observed / expected", _of_patients("death", rows)
    seen, expected = _of_cohort("deaths_observed", rows), _of_cohort("deaths_expected", rows)
    if seen is None or not isinstance(seen.value, float):
        figure = _answers("Deaths observed", "death", rows)
        return KeyFigure(title, figure.value, figure.detail)
    predicted = expected.value if expected is not None and isinstance(expected.value, float) else None
    ratio, told = _of_cohort("deaths_ratio", rows), []
    if len(fates) < counted:
        told.append(f"fate known of {len(fates)} of {counted}")
    scored = fates.keys() & _of_patients("scorten_mortality", rows).keys()
    if len(scored) < len(fates):
        told.append(f"expected of the {len(scored)} of them with a score")
    if ratio is not None and isinstance(ratio.value, float):
        told.append(f"ratio {endpoint_figure(ratio)}, 95 % interval {endpoint_interval(ratio)}")
    elif len(fates) < counted:
        told.append("so no ratio")
    return KeyFigure(title, f"{number(seen.value, 0)} / {number(predicted)}", "; ".join(told))
