"""Runs the notebooks in place and saves them with their outputs: ``python notebooks/run.py [NAME...]``.

What differs from run to run and says nothing (times of cells, messages on standard error) is not saved, so the same
program gives the same files.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent

SECONDS = 3600
"""Longest time of a cell [s]."""


def executed(path: Path) -> nbformat.NotebookNode:
    """Return a notebook with fresh outputs; raises `nbclient.exceptions.CellExecutionError` where a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": FOLDER}}).execute()
    return cleaned(notebook)


def cleaned(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a notebook without what differs from run to run, and with cells numbered in their order."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id, cell.metadata = f"cell-{number:02d}", {}
        if cell.cell_type == "code":
            cell.outputs = [each for each in cell.outputs if each.get("name") != "stderr"]
    return notebook


def main(names: list[str]) -> None:
    """Run the notebooks whose names begin so; all, if none is given."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        if not names or any(path.name.startswith(name) for name in names):
            print(path.name)
            nbformat.write(executed(path), path)


if __name__ == "__main__":
    main(sys.argv[1:])
