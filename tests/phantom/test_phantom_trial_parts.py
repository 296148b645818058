"""The parts of a simulated trial: painted photographs, reading errors, charts and the historical cohort."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from reepi.body.template import BodyTemplate, build_template
from reepi.core.errors import PhotographRejected
from reepi.core.regions import REGIONS
from reepi.core.study import Patient, PhotoEntry
from reepi.core.tissue import OPEN, Tissue
from reepi.core.views import VIEWS
from reepi.imaging.reading import read_photograph
from reepi.phantom.design import exact_interval
from reepi.phantom.painted import (
    camera_of,
    mask_of,
    measured_painted,
    painted_file,
    painted_mask,
    register_painted,
    segment_painted,
)
from reepi.phantom.trial_clinical import draw_historical
from reepi.phantom.trial_patients import ROLES, TrialPatient, draw_trial_patient, roles
from reepi.phantom.trial_reading import ReadingError, read_generously
from reepi.pipeline import Instruments, measure_photograph
from reepi.scoring.scorten import logistic_mortality


@pytest.fixture(scope="module")
def body() -> BodyTemplate:
    return build_template(Patient("P1", "F", 40, 165, 62))


@pytest.fixture(scope="module")
def patient() -> TrialPatient:
    return draw_trial_patient(3, 0, None)


def some_tissue(body: BodyTemplate) -> np.ndarray:
    """Return a body whose faces take all seven tissues in turn, in bands from head to foot."""
    height = body.vertices[body.faces].mean(axis=1)[:, 2]
    return (1 + np.floor(height * 20).astype(int) % 6).astype(np.uint8)


def test_a_painted_file_is_read_as_the_mask_it_was_painted_from(body: BodyTemplate, tmp_path: Path) -> None:
    """Mask, file, photograph, mask: nothing is lost, and a colour of no tissue is background."""
    mask = painted_mask(body, VIEWS["whole_anterior"], some_tissue(body))
    (tmp_path / "a.png").write_bytes(painted_file(mask))
    photograph = read_photograph(tmp_path / "a.png")
    assert set(np.unique(mask)) == set(Tissue)
    assert np.array_equal(mask_of(photograph.pixels), mask)
    assert np.array_equal(segment_painted(photograph).mask, mask)
    assert mask_of(np.full((1, 1, 3), 77, np.uint8)).item() == Tissue.BACKGROUND


@pytest.mark.parametrize("view", ["whole_posterior", "trunk_left"])
def test_painted_photographs_are_measured_as_the_chain_measures_them(
    view: str, body: BodyTemplate, tmp_path: Path
) -> None:
    """The short way gives the surface map of `measure_photograph`, face by face."""
    entry = PhotoEntry("a.png", "P1", datetime(2026, 1, 5, 9), view)
    (tmp_path / "a.png").write_bytes(painted_file(painted_mask(body, VIEWS[view], some_tissue(body))))
    short = measured_painted(tmp_path / "a.png", entry, body)
    long = measure_photograph(tmp_path / "a.png", entry, body, Instruments(segment_painted, register_painted))
    assert short.surface is not None
    assert long.surface is not None
    for name in ("tissue", "seen", "residual_mm", "origin"):
        assert np.allclose(getattr(short.surface, name), getattr(long.surface, name), atol=1e-6)
    assert short.row.residual_mm == long.row.residual_mm


def test_sides_are_the_patients(body: BodyTemplate) -> None:
    """The camera of a left view stands at the patient's left, where the left hand is."""
    left, right = (camera_of(body, VIEWS[f"trunk_{side}"]).position for side in ("left", "right"))
    centre = body.vertices[body.faces[body.regions == REGIONS.index("hand_left_dorsal")]].mean(axis=(0, 1))
    assert np.linalg.norm(left - centre) < np.linalg.norm(right - centre)


def test_no_camera_stands_at_other_aspects(body: BodyTemplate) -> None:
    """A palm is not painted; the photograph would be rejected."""
    with pytest.raises(PhotographRejected):
        camera_of(body, VIEWS["hand_left_palmar"])


@pytest.mark.parametrize("factor", [0.0, 0.7, 1.0, 1.3])
def test_open_skin_is_read_as_so_much_larger(factor: float, patient: TrialPatient) -> None:
    """The open area that is read is the factor times the true one, within one face; only its faces change."""
    shares = patient.template.shares("patient", 40.0) * patient.template.skin
    points = patient.template.canonical[patient.template.faces].mean(axis=1).astype(np.float32)
    true = patient.tissue(3)
    read = read_generously(np.random.default_rng(0), true, points, shares, factor)
    areas = [float(shares[np.isin(tissue, OPEN)].sum()) for tissue in (true, read)]
    assert areas[1] == pytest.approx(factor * areas[0], abs=shares.max())
    was_open, is_open = np.isin(true, OPEN), np.isin(read, OPEN)
    assert np.array_equal(true[was_open == is_open], read[was_open == is_open])
    assert not (is_open & ~was_open).any() if factor <= 1 else not (was_open & ~is_open).any()


def test_reading_errors_have_the_spread_that_was_asked_for() -> None:
    """Factors and shifts drawn a thousand times have the stated standard deviation."""
    error, rng = ReadingError(generosity_percent=20, placement_mm=5), np.random.default_rng(1)
    assert np.std([error.generosity(rng) for _ in range(1000)]) == pytest.approx(0.2, rel=0.1)
    assert np.std([error.shift_m(rng) for _ in range(1000)]) == pytest.approx(0.005, rel=0.1)
    with pytest.raises(ValueError, match="negative"):
        ReadingError(placement_mm=-1)


def test_a_patient_heals(patient: TrialPatient) -> None:
    """Open skin at its worst reaches the trial's 10 %, and a month later nearly all is closed."""
    course = [patient.open_percent(day) for day in (0, 3, 5, 30)]
    assert max(course) > 10
    assert course[-1] < 0.1 * max(course)


def test_each_role_is_given_once_and_in_small_trials_the_first_ones() -> None:
    """Fifteen patients share seven roles; of two patients one dies early and one misses day 7."""
    assert sorted(filter(None, roles(4, 15))) == sorted(ROLES)
    assert set(roles(4, 2)) == {"dies_early", "misses_day_7"}


def test_visits_of_those_who_come_on_other_days(patient: TrialPatient) -> None:
    """Day 7 is missed, put off or put forward; nobody is seen on or after the day of death."""
    planned = (0, 5, 7, 10)
    days = {
        role: TrialPatient(**{**vars(patient), "role": role}).days_seen(planned, None)
        for role in (None, "misses_day_7", "comes_late", "comes_early")
    }
    assert days == {
        None: planned,
        "misses_day_7": (0, 5, 10),
        "comes_late": (0, 5, 8, 10),
        "comes_early": (0, 5, 6, 10),
    }
    assert patient.days_seen(planned, end=6) == (0, 5)


def test_the_historical_cohort_stays_longer_with_more_skin_and_dies_by_scorten() -> None:
    """In a large cohort stay rises with the skin, and deaths are as many as SCORTEN's own formula expects."""
    cohort = list(draw_historical(np.random.default_rng(2), 2000))
    alive = [one for one in cohort if not one.died]
    rank = stats.spearmanr([one.max_open_bsa for one in alive], [one.stay_days for one in alive])
    assert rank.statistic > 0.3
    expected = sum(logistic_mortality(one.scorten or 0).percent for one in cohort) / 100
    low, high = exact_interval(sum(one.died for one in cohort), len(cohort), 0.999)
    assert low * len(cohort) < expected < high * len(cohort)
