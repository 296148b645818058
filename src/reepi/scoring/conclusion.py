"""From a patient's visits to the patient's rows, and from those of all patients to the study's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from reepi.body.template import BodyTemplate
from reepi.core.clinical import ClinicalRecord
from reepi.core.results import DisagreementRow, PatientRows, StudyScore
from reepi.core.study import Patient, Study
from reepi.scoring.clinical_endpoints import clinical_rows
from reepi.scoring.cohort import cohort_rows
from reepi.scoring.endpoints import PatientScore, score_patient
from reepi.scoring.skin import Skin
from reepi.scoring.sources import origins_by_region, source_text
from reepi.scoring.visits import Visit, day_number


@dataclass(frozen=True)
class ConcludedPatient:
    """A patient whose photographs are all measured.

    Parameters
    ----------
    patient : Patient
        The patient.
    visits : tuple of Visit
        By date, each with its fused surface map and whether its photographs agree.
    score : PatientScore
        The numbers.
    disagreement : tuple of DisagreementRow
        Whether the photographs of each visit agree.
    """

    patient: Patient
    visits: tuple[Visit, ...]
    score: PatientScore
    disagreement: tuple[DisagreementRow, ...]

    @property
    def rows(self) -> PatientRows:
        """What the study's tables hold of the patient."""
        return PatientRows(
            self.patient.patient_id,
            tuple(visit.date for visit in self.visits),
            self.score.areas,
            self.score.endpoints,
            self.score.changes,
            self.disagreement,
        )


def study_score(study: Study, patients: Iterable[PatientRows]) -> StudyScore:
    """Return the numbers of a study: those of its patients, in the order of the study, and of the cohort."""
    by_id = {rows.patient_id: rows for rows in patients}
    ordered = [by_id[patient.patient_id] for patient in study.patients]
    endpoints = [row for rows in ordered for row in rows.endpoints]
    return StudyScore(
        areas=tuple(row for rows in ordered for row in rows.areas),
        endpoints=(*endpoints, *cohort_rows(study, endpoints)),
        changes=tuple(row for rows in ordered for row in rows.changes),
        disagreement=tuple(row for rows in ordered for row in rows.disagreement),
    )


def skin_of(part: Study, template: BodyTemplate) -> Skin:
    """Return a patient's skin by the protocol's table of shares."""
    (patient,) = part.patients
    shares = template.shares(part.protocol.body_surface, patient.age_years)
    return Skin.from_mesh(template.vertices, template.faces, template.regions, shares)


def concluded_patient(part: Study, visits: Sequence[Visit], skin: Skin | None) -> ConcludedPatient:
    """Return the numbers of a patient.

    Parameters
    ----------
    part : Study
        The study of this patient alone.
    visits : sequence of Visit
        Of the patient; without any, there are endpoints alone.
    skin : Skin or None
        That the visits were measured on; not needed without visits.
    """
    (patient,) = part.patients
    record, protocol = part.record(patient.patient_id), part.protocol
    score = score_patient(patient, visits, skin, protocol, record=record, visit_days=part.visit_days)
    first_visit, first_open = score.first_open or (None, None)
    has_table = bool(part.clinical)
    ward = clinical_rows(
        patient, record, protocol, first_open, first_visit, _last_seen(visits, record), part.day_zero, has_table
    )
    score = replace(score, endpoints=(*score.endpoints, *ward))
    disagreement: list[DisagreementRow] = []
    for visit in visits:
        if visit.agreement is not None and skin is not None:
            day = day_number(visit.date, patient.day_zero_date)
            sources = [source_text(origins) for origins in origins_by_region(visit.surface, skin)]
            disagreement += visit.agreement.rows(patient.patient_id, visit.date, day, sources)
    return ConcludedPatient(patient, tuple(visits), score, tuple(disagreement))


def _last_seen(visits: Sequence[Visit], record: ClinicalRecord) -> date | None:
    """Return the last day on which a photograph showed the patient's skin.

    Visits dated after death, or after the patient left, are wrongly dated or another's: they prove nothing.
    """
    end = min((day for day in (record.death, record.left_study) if day is not None), default=date.max)
    return max((visit.date for visit in visits if visit.date <= end and visit.surface.seen.any()), default=None)
