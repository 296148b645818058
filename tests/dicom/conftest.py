"""Scored studies to export, and programs of others that judge and read what was exported."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from reepi.dicom.exporting import Exported, export_dicom
from reepi.store.results import ResultsFolder
from written_results import as_of_one_run

KEPT_REGIONS = ("trunk_anterior", "whole_body")
"""Regions whose areas the tests export; writing all of them takes seconds for each visit."""


Program = Callable[..., str]


def _installed(name: str) -> Program:
    """Return an installed program as a function; skips where it is missing, but not in continuous integration."""
    if shutil.which(name) is None:
        if os.environ.get("CI") == "true":
            raise FileNotFoundError(f"{name} is not installed; see SYSTEM in the Makefile")
        pytest.skip(f"{name} NOT INSTALLED: exports not judged by it")

    def call(*arguments: object) -> str:
        done = subprocess.run(
            [name, *map(str, arguments)], capture_output=True, text=True, errors="replace", check=False
        )
        return done.stdout + done.stderr

    return call


@pytest.fixture
def program() -> Callable[[str], Program]:
    """Programs of others, by name."""
    return _installed


@pytest.fixture(scope="session")
def to_export(scored_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scored study with the areas of two regions."""
    folder = tmp_path_factory.mktemp("to_export") / "study"
    shutil.copytree(scored_once, folder)
    results = ResultsFolder(folder / "results")
    rows = [row for row in results.read_areas() if row.region in KEPT_REGIONS]
    results.write_tables(rows, results.read_endpoints())
    as_of_one_run(results)
    return folder


@pytest.fixture(scope="session")
def exported(to_export: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Exported]:
    """What was exported of it: the folder, and what the export says."""
    out = tmp_path_factory.mktemp("exported")
    return out, export_dicom(to_export, to_export / "results", out)
