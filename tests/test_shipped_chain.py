"""The shipped weights on the sample study: real photographs in, known skin out, with nothing painted or faked."""

from pathlib import Path

import pytest

from reepi.cli.batch import score_folder
from reepi.cli.known import TRUTH_FILE, compare, copy_sample
from reepi.cli.models import Models
from reepi.store.shipped import sample_study

FIRST_VISIT = "_d00_"
"""Photographs of day 0 in the sample study."""

LEAST_ASSESSED = 60.0
"""Eight views of a body show at least so much of its skin [% BSA]; less means that registration went wrong."""


def test_the_first_visit_is_measured_within_its_interval(tmp_path: Path) -> None:
    """All eight photographs are placed, most skin is assessed, and the interval holds the known open skin."""
    study = tmp_path / "study"
    copy_sample(sample_study(), study)
    table = (study / "photos.csv").read_text().splitlines()
    (study / "photos.csv").write_text("\n".join([table[0], *(line for line in table if FIRST_VISIT in line)]) + "\n")
    outcome = score_folder(study, study / "results", Models.chosen(), ())
    assert [photo.status for photo in outcome.photos] == ["scored"] * 8
    (visit,) = compare(study / TRUTH_FILE, outcome.areas)
    assert visit.low <= visit.known <= visit.high
    unassessed = next(a for a in outcome.areas if (a.region, a.tissue) == ("whole_body", "unassessed"))
    assert 100 - unassessed.percent_bsa > LEAST_ASSESSED


@pytest.mark.slow
def test_all_visits_are_measured_and_measured_alike_again(tmp_path: Path) -> None:
    """Every visit's interval holds the known open skin, and a second run from nothing writes the same bytes."""
    written = []
    for name in ("one", "two"):
        study = tmp_path / name
        copy_sample(sample_study(), study)
        outcome = score_folder(study, study / "results", Models.chosen(), ())
        visits = compare(study / TRUTH_FILE, outcome.areas)
        assert len(visits) == 4
        assert all(visit.low <= visit.known <= visit.high for visit in visits)
        written.append([(study / "results" / file).read_bytes() for file in ("areas.csv", "endpoints.csv")])
    assert written[0] == written[1]
