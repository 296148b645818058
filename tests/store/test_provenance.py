"""Hashes and the record of a run."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import reepi
from reepi.cli.models import Models
from reepi.core.errors import InputError
from reepi.store import provenance, shipped
from reepi.store.provenance import (
    files_hash,
    measuring_files,
    model_hash,
    model_records,
    photograph_hash,
    photograph_key,
    program_hash,
    program_versions,
    run_record,
    table_hashes,
    write_record,
)
from reepi.store.study import read_study


def make_model(folder: Path, weights: bytes = b"w", task: str = "tissue") -> Path:
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_bytes(weights)
    (folder / "card.toml").write_text(f'task = "{task}"\n')
    return folder


def test_model_hash_follows_weights_and_card(tmp_path: Path) -> None:
    """Copies have the same hash wherever they lie; other weights have another; a README does not count."""
    first, copy = make_model(tmp_path / "a" / "m"), make_model(tmp_path / "b" / "m")
    (copy / "README.md").write_text("words")
    assert model_hash(first) == model_hash(copy)
    assert model_hash(make_model(tmp_path / "c" / "m", b"other")) != model_hash(first)


def test_hash_tells_names_from_contents(tmp_path: Path) -> None:
    """Moving bytes between a name and a content changes the hash, the order of paths does not."""
    (tmp_path / "a").write_bytes(b"b")
    (tmp_path / "c").write_bytes(b"d")
    paths = [tmp_path / "a", tmp_path / "c"]
    assert files_hash(paths, tmp_path) == files_hash(paths[::-1], tmp_path)
    assert files_hash(paths[:1], tmp_path) != files_hash(paths[1:], tmp_path)


def test_photograph_hash(tmp_path: Path) -> None:
    """It is the file's SHA-256, as any other program computes it; a file that is not there has its reason."""
    (tmp_path / "a.jpg").write_bytes(b"abc")
    assert photograph_hash(tmp_path / "a.jpg") == hashlib.sha256(b"abc").hexdigest()
    assert photograph_hash(tmp_path / "b.jpg") == "missing"


def test_program_hash_is_stable() -> None:
    """The same program text has the same hash."""
    program_hash.cache_clear()
    first = program_hash()
    program_hash.cache_clear()
    assert program_hash() == first


def test_all_that_decides_what_a_photograph_gives_is_hashed() -> None:
    """Modules of every layer below the results, and the numbers beside them; nothing that draws or tells."""
    root = Path(reepi.__file__).parent
    named = {path.relative_to(root).as_posix() for path in measuring_files(root)}
    assert {"pipeline.py", "mapping/solver.py", "mapping/framing_odds.json", "model/training/run.py"} <= named
    assert not any(name.startswith(("report/", "cli/", "review/")) for name in named)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What this process has installed, to be changed."""
    there = provenance.versions()
    monkeypatch.setattr(provenance, "versions", lambda: dict(there))
    program_versions.cache_clear()
    yield there
    program_versions.cache_clear()


def test_packages_decide_what_a_photograph_gives(
    study_folder: Callable[..., Path], installed: dict[str, str], tmp_path: Path
) -> None:
    """After an upgrade it is measured anew, and a worker of another version is another program; no machine counts."""
    study = read_study(study_folder())
    models = Models(make_model(tmp_path / "skin"), make_model(tmp_path / "place"))

    def made_by() -> tuple[str, str]:
        program_versions.cache_clear()
        return photograph_key("abc", "model", study.patients[0], study.photos[0]), models.made_with

    before = made_by()
    installed["platform"] = "another machine"
    assert made_by() == before
    for package in ("reepi", "python", "openvino"):
        installed[package] += ".1"
        after = made_by()
        assert not {*before} & {*after}, package
        before = after


def test_record_can_replay(study_folder: Callable[..., Path], tmp_path: Path) -> None:
    """The record names versions, models, protocol and every input with its hash, and is JSON."""
    folder = study_folder()
    models = {"tissue": make_model(tmp_path / "skin")}
    inputs = {**table_hashes(folder), "photos/a.png": "abc"}
    record = run_record(read_study(folder), model_records(models), ["reepi", "score"], {"read": 0.1}, inputs)
    write_record(tmp_path / "run.json", record)
    back = json.loads((tmp_path / "run.json").read_text())
    assert back == record
    assert back["models"]["tissue"] == {"name": "skin", "sha256": model_hash(models["tissue"])}
    assert back["inputs"]["photos/a.png"] == "abc"
    assert back["inputs"]["patients.csv"] == hashlib.sha256((folder / "patients.csv").read_bytes()).hexdigest()
    assert back["protocol"]["almost_complete_percent"] == 90
    assert {"reepi", "python", "torch", "anny"} <= set(back["versions"])


def test_models_are_found_by_their_task(tmp_path: Path) -> None:
    """Of several models for a task the last by name is taken; without any the remedy is told."""
    make_model(tmp_path / "skin-1")
    newest = make_model(tmp_path / "skin-2")
    make_model(tmp_path / "where-1", task="correspondence")
    assert shipped.find_model(tmp_path, "tissue") == newest
    with pytest.raises(InputError, match="no model for the task depth"):
        shipped.find_model(tmp_path, "depth")


def test_installed_files_come_before_the_checkout(tmp_path: Path) -> None:
    """A wheel carries its own models; an editable install finds those of the checkout."""
    installed, checkout = tmp_path / "_models", tmp_path / "models"
    with pytest.raises(InputError, match="Install reepi again"):
        shipped.first_folder(installed, checkout)
    checkout.mkdir()
    assert shipped.first_folder(installed, checkout) == checkout
    installed.mkdir()
    assert shipped.first_folder(installed, checkout) == installed


def test_every_table_of_a_study_belongs_to_the_record(study_folder: Callable[..., Path]) -> None:
    """A run cannot be replayed without what the ward knew, and without the historical cohort."""
    folder = study_folder()
    (folder / "clinical.csv").write_text("patient_id,item,date,value\nP1,sepsis,,no\n")
    (folder / "historical.csv").write_text("stay_days,died\n31,no\n")
    names = ("study.toml", "patients.csv", "photos.csv", "clinical.csv", "historical.csv")
    assert table_hashes(folder) == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


def test_a_table_that_cannot_be_read_has_no_hash(
    study_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads the study tells it with its remedy, and must get the turn to do so."""
    folder, opened = study_folder(), Path.open

    def locked(path: Path, *arguments: object) -> object:
        if path.name == "patients.csv":
            raise PermissionError
        return opened(path, *arguments)

    monkeypatch.setattr(Path, "open", locked)
    hashes = table_hashes(folder)
    assert (hashes["patients.csv"], len(hashes["photos.csv"])) == ("", 64)
