"""The command agree on results that hold every endpoint there is, those of the cohort too."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from typer.testing import CliRunner

from reepi.cli import app
from reepi.core.regions import WHOLE_BODY
from reepi.core.results import COHORT, AreaRow, EndpointRow
from reepi.store.results import ResultsFolder

OPEN = ((4.0, 5.5), (12.0, 11.0), (18.0, 20.5), (26.0, 27.0), (33.0, 31.0), (41.0, 44.0), (47.0, 46.5), (60.0, 62.0))
"""Open skin of eight patients [% BSA] by two result sets."""

RESPONDERS = (("yes", "yes"), ("yes", "no"), ("no", "no"), ("no", "no"), ("yes", "yes"), ("no", "yes"), ("no", "no"))
"""Responders of the first seven; the eighth has no answer in the first set."""

OTHERS = (
    ("adverse_event", "yes", 10),
    ("death", "no", 30),
    ("hospital_stay_days", 21.0, None),
    ("mucosa_mouth_healing_days", 10.0, None),
    ("reepithelialisation_rate_as_known", 44.0, 7),
    ("reepithelialisation_rate_planned", 41.0, 7),
    ("scorten", 3.0, None),
)
"""Endpoints that no photograph's reader decides, and the rate told a second time."""

OF_COHORT = (
    ("responder_rate", 53.3, 7),
    ("responder", "no", 7),
    ("max_open_bsa", 99.0, None),
    ("reepithelialisation_rate", 1.0, 7),
    ("severity_class", "SJS", None),
    ("deaths_ratio", 0.4, 30),
    ("healed_90_by_day_15_turnbull", 70.0, 15),
)
"""Rows of the cohort, some under names that patients have too."""


def end(patient_id: str, endpoint: str, value: float | str | None, day: int | None) -> EndpointRow:
    return EndpointRow(patient_id, endpoint, day, value, None, None, "", "of a test")


def result(folder: Path, which: int, more: bool) -> Path:
    """Write one of the two result sets, with all other endpoints or without."""
    areas: list[AreaRow] = []
    endpoints: list[EndpointRow] = []
    for place, percents in enumerate(OPEN):
        name, percent, day = f"P{place + 1}", percents[which], date(2026, 3, 2) + timedelta(place)
        areas.append(AreaRow(name, day, 0, WHOLE_BODY, "open", percent, percent, percent, percent))
        answer = RESPONDERS[place][which] if place < len(RESPONDERS) else (None, "yes")[which]
        endpoints += [end(name, "max_open_bsa", percent, 0), end(name, "responder", answer, 7)]
        endpoints += [end(name, *each) for each in OTHERS] if more else []
    # What differs between the sets in these rows must not show.
    shift = float(which)
    of_cohort = [end(COHORT, *each) for each in OF_COHORT] if more else []
    endpoints += [
        replace(each, value=each.value + shift) if isinstance(each.value, float) else each for each in of_cohort
    ]
    results = ResultsFolder(folder)
    results.write_tables(areas, endpoints)
    results.write_photos([])
    return folder


def agreed(tmp_path: Path, more: Sequence[bool]) -> dict[tuple[str, str], dict[str, str]]:
    """Return the figures of ``reepi agree A B`` by subject and measure."""
    folders = [result(tmp_path / f"{which}-{full}", which, full) for which, full in enumerate(more)]
    out = tmp_path / f"out-{more[0]}-{more[1]}"
    names = ["--name", "A", "--name", "B"]
    told = CliRunner().invoke(app, ["agree", *map(str, folders), *names, "--out", str(out)])
    assert told.exit_code == 0, told.output
    rows = csv.DictReader((out / "agreement.csv").open())
    return {(row["subject"], row["measure"]): row for row in rows if not row["photograph"]}


def test_bland_altman_icc_and_kappa_of_two_result_sets(tmp_path: Path) -> None:
    """Equal to 1e-6 to bias -+ 1.96 SD, to the mean squares of Shrout & Fleiss (1979), and to scikit-learn's kappa."""
    found = agreed(tmp_path, (True, True))
    values = np.array(OPEN)
    difference = values[:, 0] - values[:, 1]
    half = 1.959963984540054 * difference.std(ddof=1)
    expected = {"bias": 0.0, "lower limit of agreement": -half, "upper limit of agreement": half}
    for measure, away in expected.items():
        figure = found["open", measure]
        assert float(figure["value"]) == pytest.approx(difference.mean() + away, abs=1e-6)
        assert float(figure["low"]) < float(figure["value"]) < float(figure["high"])
    n, k, mean = *values.shape, values.mean()
    between = k * ((values.mean(axis=1) - mean) ** 2).sum() / (n - 1)
    across = n * ((values.mean(axis=0) - mean) ** 2).sum() / (k - 1)
    rest = ((values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + mean) ** 2).sum() / ((n - 1) * (k - 1))
    icc = (between - rest) / (between + (k - 1) * rest + k * (across - rest) / n)
    for subject in ("open", "max_open_bsa"):
        assert float(found[subject, "ICC(2,1)"]["value"]) == pytest.approx(icc, abs=1e-6)
    one, two = zip(*RESPONDERS, strict=True)
    kappa = found["responder", "kappa"]
    assert float(kappa["value"]) == pytest.approx(cohen_kappa_score(one, two), abs=1e-6)
    assert kappa["n"] == "7"


def test_other_endpoints_and_rows_of_the_cohort_change_no_figure(tmp_path: Path) -> None:
    """With and without them, or with them in one set alone: the same figures, and none of a new name."""
    plain = agreed(tmp_path, (False, False))
    assert agreed(tmp_path, (True, True)) == plain
    assert agreed(tmp_path, (True, False)) == plain
