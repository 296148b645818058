"""``reepi export``: a scored study for the hospital's archive."""

from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from reepi.core.errors import Fault, InputError


class Target(StrEnum):
    """What a study can be exported to."""

    DICOM = "dicom"


def export(
    study: Annotated[Path, typer.Argument(help="Study folder that was scored.")],
    to: Annotated[Target, typer.Option("--to", help="What to write.")],
    results: Annotated[Path | None, typer.Option("--results", help="Results folder [default: STUDY/results].")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write to [default: RESULTS/dicom].")] = None,
) -> None:
    """Write a scored study as DICOM objects: photographs, their tissues, and the measurements of each visit.

    Each photograph becomes a VL Photographic Image (a DICOM original stays as it is), its mask a Segmentation, and the
    areas of each visit a Structured Report. Exporting again gives the same objects.
    """
    if find_spec("pydicom") is None or find_spec("highdicom") is None:
        raise InputError([Fault("reepi export", "writing DICOM needs an extra", "pip install 'reepi[dicom]'.")])
    from reepi.cli.progress import counted_progress
    from reepi.dicom.exporting import export_dicom
    from reepi.store.study import read_study

    folder = results or study / "results"
    target = out or folder / str(to)
    with counted_progress("Photographs", len(read_study(study).photos)) as told:
        exported = export_dicom(study, folder, target, told)
    for trouble in exported.troubles:
        typer.echo(trouble, err=True)
    photographs, masks, reports = (
        _number(count, word)
        for count, word in (
            (exported.photographs, "photograph"),
            (exported.segmentations, "mask"),
            (exported.reports, "report"),
        )
    )
    typer.echo(f"{photographs}, {masks} and {reports} of visits.")
    typer.echo(target)
    raise typer.Exit(1 if exported.troubles else 0)


def _number(count: int, word: str) -> str:
    return f"{count} {word if count == 1 else f'{word}s'}"
