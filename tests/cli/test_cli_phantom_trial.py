"""``reepi phantom --trial``: the call, and what it refuses."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from reepi.cli import app
from reepi.phantom.trial import TrialOptions

runner = CliRunner()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[TrialOptions]:
    """What the command asks for, in place of the trial itself, which takes a minute."""
    calls: list[TrialOptions] = []

    def scored_trial(options: TrialOptions, done: object) -> SimpleNamespace:
        calls.append(options)
        return SimpleNamespace(results=SimpleNamespace(report=options.out / "results" / "report.html"))

    monkeypatch.setattr("reepi.cli.trial.scored_trial", scored_trial)
    return calls


@pytest.mark.parametrize(("words", "patients"), [([], 15), (["--patients", "4", "--seed", "2"], 4)])
def test_a_trial_has_fifteen_patients_unless_others_are_asked_for(
    words: list[str], patients: int, asked: list[TrialOptions], tmp_path: Path
) -> None:
    """Number of patients and seed reach the trial; the answer names study, truth and report."""
    result = runner.invoke(app, ["phantom", str(tmp_path), "--trial", *words])
    assert result.exit_code == 0
    assert [(each.patients, each.seed) for each in asked] == [(patients, 2 if words else 0)]
    assert str(tmp_path / "results" / "report.html") in result.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--training", "3"], "--trial and --training"),
        (["--look", "pale"], "--look"),
        (["--max-open", "9"], "--max-open"),
    ],
)
def test_what_a_trial_would_pass_over_is_refused(
    words: list[str], told: str, asked: list[TrialOptions], tmp_path: Path
) -> None:
    """A training set at once, a look or an extent of rendered patients: a wrong call, and nothing is drawn."""
    result = runner.invoke(app, ["phantom", str(tmp_path), "--trial", *words])
    assert result.exit_code == 2
    assert told in result.stderr
    assert asked == []
