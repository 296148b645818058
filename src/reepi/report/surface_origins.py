"""Whose word the skin of each visit rests on, from the surface maps of the results."""

from reepi.body.template import build_template
from reepi.core.study import Patient, Study
from reepi.core.trail import Visit
from reepi.scoring.sources import RestsOn, rests_on
from reepi.scoring.visits import photos_by_visit
from reepi.store.results import ResultsFolder


def surface_origins(study: Study, results: ResultsFolder) -> dict[Visit, RestsOn]:
    """Return whose word the skin of each visit rests on; visits whose surface map cannot be read are left out."""
    found = {
        visit: _rests_on(study, study.patient(visit[0]), visit, results) for visit in photos_by_visit(study.photos)
    }
    return {visit: told for visit, told in found.items() if told is not None}


def _rests_on(study: Study, patient: Patient, visit: Visit, results: ResultsFolder) -> RestsOn | None:
    try:
        surface = results.read_surface(*visit, doubt=False)
        template = build_template(patient)
    except (OSError, ValueError):
        return None
    if len(surface.seen) != template.n_faces:
        return None
    return rests_on(surface, template.shares(study.protocol.body_surface, patient.age_years))
