"""``reepi deidentify``: a study folder that may leave the hospital."""

from collections import Counter
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reepi.cli.database import Database

if TYPE_CHECKING:
    from reepi.mapping.eyes import Hidden
    from reepi.privacy.deidentifying import Order, Outcome
    from reepi.privacy.photographs import Dicom


class Mask(StrEnum):
    """What is hidden in photographs."""

    EYES = "eyes"
    FACE = "face"
    NONE = "none"


StudyFolder = Annotated[Path, typer.Argument(help="Study folder; left as it is.")]
Out = Annotated[Path, typer.Argument(help="New study folder to write.")]
LinkFile = Annotated[
    Path, typer.Option("--link", help="Table of old and new names to write, or to extend. Keep it; never hand it on.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key", help="Secret that new names are drawn from; made if not there [default: LINK.key]."),
]
MaskOption = Annotated[Mask, typer.Option("--mask", help="What is hidden in photographs.")]
Keep = Annotated[
    list[str] | None, typer.Option("--keep", help="Column to hand on although reepi does not know it; may be repeated.")
]
Text = Annotated[bool, typer.Option("--text/--no-text", help="Look for text and barcodes in photographs.")]
Results = Annotated[
    Path | None, typer.Option("--results", help="Where the study was scored to [default: STUDY/results].")
]


def deidentify(
    study: StudyFolder,
    out: Out,
    link: LinkFile,
    key: KeyFile = None,
    mask: MaskOption = Mask.EYES,
    keep: Keep = None,
    text: Text = True,
    results: Results = None,
    database: Database = None,
) -> None:
    """Copy a study without what tells who its patients are: no metadata, new names, moved dates, hidden eyes.

    A photograph that could show a face and cannot be placed on the body is withheld. What somebody should look at
    stands in findings.csv of the new folder.
    """
    from reepi.cli.models import Models
    from reepi.cli.progress import sample_progress
    from reepi.privacy.deidentifying import Order
    from reepi.privacy.deidentifying import deidentify as run
    from reepi.store.study import read_study

    hidden: dict[Mask, Hidden | None] = {Mask.EYES: "eyes", Mask.FACE: "face", Mask.NONE: None}
    kept = tuple(column.strip().lower() for column in keep or ())
    place = key or link.with_name(link.name + ".key")
    order = Order(study, out, link, place, hidden[mask], text, kept, results, database)
    with sample_progress(len(read_study(study).photos)) as done:
        outcome = run(order, lambda: Models.chosen().instruments(), _dicom(), lambda each: done(each.entry.file))
    _tell(outcome, order)
    typer.echo(f"Study: {out}\nTo look at: {out / 'findings.csv'}")
    raise typer.Exit(int(any(row.status == "failed" for row in outcome.rows)))


def _dicom() -> "Dicom | None":
    """Return what de-identifies DICOM files, or None where the extra is not installed."""
    if find_spec("pydicom") is None:
        return None
    from reepi.dicom.deidentifying import deidentified

    return deidentified


def _tell(outcome: "Outcome", order: "Order") -> None:
    """Print how photographs ended, what was withheld and why, and what was not handed on."""
    ends = Counter(each.rows[0].status for each in outcome.handled)
    told = ", ".join(f"{ends[status]} {status}" for status in ("copied", "masked", "withheld", "failed"))
    typer.echo(f"{len(outcome.handled)} photographs: {told}")
    for each in outcome.handled:
        for row in each.rows:
            if row.finding:
                typer.echo(
                    f"{each.entry.file}: {row.status}, {row.finding}: {each.reason or row.explanation}", err=True
                )
    for row in outcome.rows:
        if row.finding and not row.status:
            typer.echo(f"{row.file or 'Photographs'}: {row.finding}: {row.explanation}", err=True)
    if outcome.left_out:
        typer.echo(f"Not handed on: {', '.join(outcome.left_out)}")
    typer.echo(f"Link table: {order.link}\nKey: {order.key}\nWhoever has either can undo this. Keep both apart.")
