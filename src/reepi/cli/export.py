"""``reepi export``: a scored study for the hospital's archive, the trial's data base, or a statistician."""

from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from reepi.core.errors import Fault, InputError


class Target(StrEnum):
    """What a study can be exported to."""

    REDCAP = "redcap"
    DICOM = "dicom"
    CSV = "csv"


def export(
    study: Annotated[Path, typer.Argument(help="Study folder that was scored.")],
    to: Annotated[Target, typer.Option("--to", help="What to write.")],
    results: Annotated[
        str | None, typer.Option("--results", help="Results folder or its URL [default: STUDY/results].")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder to write to [default: RESULTS/dicom, redcap or csv].")
    ] = None,
) -> None:
    """Write a scored study for others; exporting again gives the same files.

    csv: analysis data sets as CSV and Parquet, with names after CDISC, a codebook and a manifest.
    redcap: a data dictionary and the import that fits it.
    dicom: each photograph as a VL Photographic Image (a DICOM original stays as it is), its mask as a Segmentation, and
    the areas of each visit as a Structured Report; objects of before that the study no longer has are removed.
    """
    from reepi.store.places import check_local, results_place

    folder = results_place(study, results)
    target = out or folder / str(to)
    check_local(target, "an export", "Name a folder to write to with --out.")
    if to is Target.DICOM:
        check_local(folder, "an export to DICOM", "Copy the results to a folder, and name it with --results.")
        _dicom(study, folder, target)
    else:
        _tables(study, folder, target, to)


def _tables(study: Path, folder: Path, target: Path, to: Target) -> None:
    from reepi.tabular.exporting import export_tables, told

    exported = export_tables(study, folder, target, "csv" if to is Target.CSV else "redcap")
    for line in told(exported):
        typer.echo(line)
    if exported.remark:
        typer.echo(exported.remark, err=True)
    typer.echo(target)


def _dicom(study: Path, folder: Path, target: Path) -> None:
    if find_spec("pydicom") is None or find_spec("highdicom") is None:
        raise InputError([Fault("reepi export", "writing DICOM needs an extra", "pip install 'reepi[dicom]'.")])
    from reepi.cli.progress import counted_progress
    from reepi.dicom.exporting import export_dicom
    from reepi.store.study import read_study

    with counted_progress("Photographs", len(read_study(study).photos)) as counted:
        exported = export_dicom(study, folder, target, counted)
    for told in (*exported.troubles, *exported.remarks):
        typer.echo(told, err=True)
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
