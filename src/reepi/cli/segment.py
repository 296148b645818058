"""``reepi segment``: tissue masks of single photographs, without a study."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from reepi.model.inference import Segmenter


def segment(
    files: Annotated[list[Path], typer.Argument(help="Photographs: JPEG, PNG or TIFF.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for masks and overlays.")],
    model: Annotated[
        Path | None, typer.Option("--model", help="Folder of a tissue model; the shipped one if none.")
    ] = None,
) -> None:
    """Write a tissue mask of the upright original's size, and an overlay, for every photograph."""
    from reepi.core.errors import PhotographRejected
    from reepi.model.inference import load_segmenter
    from reepi.store.shipped import shipped_model

    check_names(files)
    segmenter = load_segmenter(model or shipped_model("tissue"))
    failed = 0
    for file in files:
        try:
            typer.echo(segment_file(segmenter, file, out))
        except PhotographRejected as error:
            typer.echo(f"{file}: {error}", err=True)
            failed += 1
    raise typer.Exit(1 if failed else 0)


def check_names(files: list[Path]) -> None:
    """Refuse files whose masks would get the same name.

    Raises
    ------
    InputError
        Two files share a stem.
    """
    from reepi.core.errors import Fault, InputError

    stems = [file.stem for file in files]
    twins = [file for file in files if stems.count(file.stem) > 1]
    if twins:
        raise InputError([Fault(str(f), "another file would get the same mask name", "Rename one.") for f in twins])


def segment_file(segmenter: "Segmenter", file: Path, out: Path) -> Path:
    """Write mask and overlay of one photograph; return the mask's path.

    Raises
    ------
    PhotographRejected
        The photograph cannot be read.
    """
    from reepi.imaging.reading import read_photograph
    from reepi.imaging.writing import encode_mask, encode_overlay
    from reepi.store.files import write_bytes

    photograph = read_photograph(file)
    mask = segmenter(photograph).mask
    target = out / f"{file.stem}.png"
    write_bytes(target, encode_mask(mask, photograph.original_size))
    write_bytes(out / f"{file.stem}_overlay.jpg", encode_overlay(photograph, mask))
    return target
