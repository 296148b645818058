"""The notebooks run from the first to the last cell, and are saved with their outputs."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"

NOTEBOOKS = tuple(path.name for path in sorted(FOLDER.glob("*.ipynb")))

LARGEST = 1_500_000
"""Largest file of a notebook [bytes], so that a checkout stays small."""


def run(name: str, folder: Path) -> nbformat.NotebookNode:
    """Run a copy of a notebook in a folder; a cell that fails raises."""
    notebook = nbformat.read(shutil.copy(FOLDER / name, folder), as_version=4)
    client = NotebookClient(
        notebook, timeout=1800, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    return client.execute()


def test_there_are_four() -> None:
    """The notebooks that the README names are there."""
    assert [name[0] for name in NOTEBOOKS] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_small_variant_of_a_notebook_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs with few photographs, steps and trials, and leaves nothing beside its temporary folder."""
    monkeypatch.setenv("REEPI_NOTEBOOKS", "small")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    work = tmp_path / "work"
    work.mkdir()
    run(name, work)
    assert [path.name for path in work.iterdir()] == [name]


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_as_it_was_saved(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole notebook runs."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    run(name, tmp_path)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_saved_whole_small_and_without_traces_of_a_machine(name: str) -> None:
    """Each code cell was run, none failed; the file is small; no path, time or message of a machine is in it."""
    path = FOLDER / name
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert outputs
    assert not any(output.get("name") == "stderr" for output in outputs)
    assert {output.output_type for output in outputs} <= {"stream", "display_data", "execute_result"}
    assert [cell.id for cell in notebook.cells] == [f"cell-{n:02d}" for n in range(1, len(notebook.cells) + 1)]
    assert all(not cell.metadata for cell in notebook.cells)
    text = path.read_text(encoding="utf-8")
    assert path.stat().st_size < LARGEST
    assert not any(trace in text for trace in ("/tmp/", "/root/", "/home/"))  # noqa: S108 looked for
