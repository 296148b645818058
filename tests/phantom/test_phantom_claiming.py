"""Rendered patients never go over what somebody else put into a folder, and a run that was stopped goes on."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from reepi.cli import app
from reepi.core.errors import InputError
from reepi.phantom.claiming import MARK, claim

DECLARED = ("study.toml", '[study]\nname = "drawn"\n')


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("words", [[], ["--trial"], ["--training", "2"]])
@pytest.mark.parametrize("name", ["study.toml", "dataset.toml", "letter.txt"])
def test_a_folder_of_somebody_else_stays_as_it_is(tmp_path: Path, words: list[str], name: str) -> None:
    """Status 2 and nothing written, be it a study, a training set or anything else that lies there."""
    (tmp_path / name).write_text("[study]\n")
    (tmp_path / "photos.csv").write_text("file,patient_id,taken_at,view\n")
    before = contents(tmp_path)
    answer = CliRunner().invoke(app, ["phantom", str(tmp_path), *words])
    assert answer.exit_code == 2
    assert "it holds something else. Give a new or empty folder" in answer.stderr
    assert contents(tmp_path) == before


def test_a_run_goes_on_with_the_same_options_alone(tmp_path: Path) -> None:
    """What was begun in a new folder is its own from the first file on; other options are told apart from strangers."""
    folder = tmp_path / "new"
    claim(folder, {"made": "study", "seed": 1, "onto": Path("a/people")}, *DECLARED)
    (folder / "photos").mkdir()
    claim(folder, {"made": "study", "seed": 1, "onto": Path("b/people")}, *DECLARED)
    for other in ({"made": "study", "seed": 2, "onto": Path("people")}, {"made": "trial", "seed": 1}):
        with pytest.raises(InputError, match="made it with other options"):
            claim(folder, other, *DECLARED)


def test_a_folder_without_a_mark_is_known_by_what_it_declares(tmp_path: Path) -> None:
    """Earlier versions left no mark: byte for byte the same declaration is needed, and the mark is made up for."""
    (tmp_path / DECLARED[0]).write_bytes(DECLARED[1].encode() + b"\n")
    with pytest.raises(InputError, match="something else"):
        claim(tmp_path, {"seed": 1}, *DECLARED)
    (tmp_path / DECLARED[0]).write_bytes(DECLARED[1].encode())
    claim(tmp_path, {"seed": 1}, *DECLARED)
    assert (tmp_path / MARK).is_file()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """A file in the folder's place is refused like a folder of somebody else."""
    (tmp_path / "taken").touch()
    with pytest.raises(InputError, match="something else"):
        claim(tmp_path / "taken", {}, *DECLARED)
