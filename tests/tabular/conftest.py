"""A scored study of two patients, made by hand, with everything that an export has to carry."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from tabular_looking import EVIL

from reepi.core.clinical import ClinicalRecord, Observation
from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.results import AREA_LABELS, COHORT, AreaRow, ChangeRow, EndpointRow, PhotoRow
from reepi.core.study import Patient, PhotoEntry, Protocol, Study
from reepi.store.results import ResultsFolder
from reepi.store.rows import write_rows
from reepi.tabular.analysis import ScoredStudy

ZERO = date(2024, 3, 5)


def area_rows(patient_id: str, day: int | None, when: date) -> list[AreaRow]:
    """Return the rows of a visit; every number can be told from every other."""
    return [
        AreaRow(patient_id, when, day, region, tissue, i + j / 8, i + j / 8 + 0.25, i, i + 2, "proposal")
        for i, region in enumerate((*REGIONS, WHOLE_BODY))
        for j, tissue in enumerate(AREA_LABELS)
    ]


@pytest.fixture
def scored() -> ScoredStudy:
    """Two patients; the second has no day zero."""
    one = Patient("P1", "F", 40, 165, 62, date(2024, 3, 1), ZERO)
    two = Patient("P2", "M", 67, 178, 80.5, date(2024, 4, 1))
    record = ClinicalRecord(
        (
            Observation("P1", "urea", date(2024, 3, 4), "14 mg/dL", 5.0, "mmol/L"),
            Observation("P1", "adverse_event", date(2024, 3, 9), EVIL),
            Observation("P1", "death", date(2024, 3, 20)),
        )
    )
    photos = (
        PhotoEntry("photos/a.png", "P1", datetime(2024, 3, 5, 9), "whole_anterior"),
        PhotoEntry("photos/b.png", "P1", datetime(2024, 3, 13, 9), "trunk_anterior"),
        PhotoEntry("photos/c.png", "P2", datetime(2024, 4, 3, 9), "whole_posterior"),
    )
    protocol = Protocol(almost_complete_percent=90, window_days=1)
    study = Study("Trial", "infusion", (0, 7), protocol, (one, two), photos, clinical={"P1": record})
    rate = ("%", "100 x healed / open; 90 % interval from reading")
    endpoints = [
        EndpointRow("P1", "max_open_bsa", 0, 12.345678, 10.0, 14.0, "% BSA", "largest; 90 % interval", "proposal"),
        EndpointRow("P1", "severity_class", None, "overlap", None, None, "class", "SJS < 10"),
        EndpointRow("P1", "reepithelialisation_rate", 0, 0.0, 0.0, 1.0, *rate),
        EndpointRow("P1", "reepithelialisation_rate", 8, 91.5, 80.0, 99.0, *rate),
        EndpointRow("P1", "planned_visit", 0, 0.0, None, None, "day", "answered by the visit of day 0"),
        EndpointRow("P1", "planned_visit", 7, 8.0, None, None, "day", "answered by the visit of day 8, 1 day late"),
        EndpointRow("P1", "reepithelialisation_rate_planned", 7, 91.5, 80.0, 99.0, "%", "answered by that of day 8"),
        EndpointRow("P1", "responder", 7, "yes", None, None, "yes/no", ">= 90 %"),
        EndpointRow("P1", "laboratory_never_seen", 10, "<0.5", None, None, "pg/mL", "described only"),
        EndpointRow("P1", "time_to_90", 8, 8.0, 0.0, 8.0, "day", "the true day lies after low and not after high"),
        EndpointRow(
            "P1", "scorten_mortality_table", None, 3.2, 0.1, 16.7, "%", "observed, low and high its 95 % interval"
        ),
        EndpointRow("P2", "responder", 7, None, None, None, "yes/no", "not computed: no day zero"),
        EndpointRow(COHORT, "responder_rate", 7, 100.0, 2.5, 100.0, "%", "1 of 1; 95 % interval: exact"),
    ]
    ended = (
        PhotoRow("photos/a.png", "scored", "", 7.5, 1.0, "proposal"),
        PhotoRow("photos/b.png", "rejected", "not_registered: try again", None, 1.0),
        PhotoRow("photos/c.png", "scored", "", 9.0, 1.0, "reading by Ada"),
    )
    areas = [
        *area_rows("P1", 0, ZERO),
        *area_rows("P1", 8, date(2024, 3, 13)),
        *area_rows("P2", None, date(2024, 4, 3)),
    ]
    changes = [ChangeRow("P1", date(2024, 3, 13), 8, WHOLE_BODY, 1.0, 2.0, 3.0, 4.0, 5.0, "proposal")]
    return ScoredStudy(study, areas, endpoints, ended, changes)


@pytest.fixture
def scored_folder(scored: ScoredStudy, tmp_path: Path) -> Path:
    """The same as a study folder with results."""
    study = tmp_path / "study"
    (study / "photos").mkdir(parents=True)
    (study / "study.toml").write_text(
        '[study]\nname = "Trial"\nday_zero = "infusion"\nvisit_days = [0, 7]\n'
        "[protocol]\nalmost_complete_percent = 90\nwindow_days = 1\n"
    )
    (study / "patients.csv").write_text(
        "patient_id,sex,age_years,height_cm,weight_kg,index_date,day_zero_date\n"
        "P1,F,40,165,62,2024-03-01,2024-03-05\nP2,M,67,178,80.5,2024-04-01,\n"
    )
    (study / "photos.csv").write_text(
        "file,patient_id,taken_at,view\nphotos/a.png,P1,2024-03-05T09:00,whole_anterior\n"
        "photos/b.png,P1,2024-03-13T09:00,trunk_anterior\nphotos/c.png,P2,2024-04-03T09:00,whole_posterior\n"
    )
    (study / "clinical.csv").write_text(
        "patient_id,item,date,value,unit\nP1,urea,2024-03-04,14,mg/dL\n"
        f"P1,adverse_event,2024-03-09,{EVIL},\nP1,death,2024-03-20,,\n"
    )
    folder = ResultsFolder(study / "results")
    folder.write_tables(scored.areas, scored.endpoints)
    folder.write_photos(scored.photos)
    write_rows(folder.changes, ChangeRow, scored.changes)
    folder.run.write_text(json.dumps({"written_at": "2024-05-01T10:00:00+00:00", "protocol": {"window_days": 1}}))
    return study
