"""``reepi collect``: from the readings of studies to a training data folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reepi.cli.database import Database

if TYPE_CHECKING:
    from reepi.store.trainingdata import Row

LICENCE = "The photographs belong to the patients and to the site that took them; not for publication"
"""What the data set declares unless the site says otherwise."""


def collect(
    studies: Annotated[list[Path], typer.Argument(help="Study folders with readings.")],
    out: Annotated[Path, typer.Option("--out", help="Training data folder to write or to bring up to date.")],
    licence: Annotated[str, typer.Option("--licence", help="What may be done with the photographs.")] = LICENCE,
    long_side: Annotated[
        int, typer.Option("--long-side", min=64, help="Long side of photographs and masks, at most [px].")
    ] = 1024,
    database: Database = None,
) -> None:
    """Make training data of every reading that a person accepted or corrected.

    Photographs are stored upright, at working size, without metadata, and in the light in which scoring shows them to
    the model. Unlabelled pixels, and those where readers differ, are ignored by training. Eyes are not hidden: a model
    must learn from what it will see.
    """
    from reepi.cli.progress import counted_progress
    from reepi.model.data.datasets import read_datasets
    from reepi.store.collecting import plan_collection
    from reepi.store.trainingdata import Collection, write_collection

    collection = Collection(plan_collection(studies, database), licence, long_side)
    with counted_progress("Photographs", len(collection.plan.photographs)) as told:
        rows = write_collection(collection, out, told)
    (dataset,) = read_datasets([out])
    parts = ", ".join(f"{len(dataset.of_split(split))} {split}" for split in ("train", "validation", "test"))
    for sentence in (_collected(rows), *_differing(rows), f"Split by patient: {parts}."):
        typer.echo(sentence)
    if not dataset.of_split("validation"):
        typer.echo("No photograph is kept out for validation: give training a second data folder.", err=True)
    typer.echo(out)


def _collected(rows: "tuple[Row, ...]") -> str:
    patients, studies = ({row[name] for row in rows} for name in ("patient_id", "study"))
    return f"{_number(rows, 'photograph')} of {_number(patients, 'patient')} from {_number(studies, 'study')}."


def _differing(rows: "tuple[Row, ...]") -> list[str]:
    """Say what became of photographs that several readers read."""
    shares = [float(row["differing_percent"]) for row in rows if row["differing_percent"]]
    if not shares:
        return []
    mean = sum(shares) / len(shares)
    return [
        f"{_number(shares, 'photograph')} read by several: where they differ ({mean:.1f} % of skin on average, "
        f"{max(shares):.1f} % at most) pixels are unlabelled."
    ]


def _number(things: "list[float] | set[str] | tuple[Row, ...]", word: str) -> str:
    plural = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return f"{len(things)} {word if len(things) == 1 else plural}"
