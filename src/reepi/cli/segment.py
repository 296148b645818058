"""``reepi segment``: tissue masks of single photographs, without a study."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from reepi.core.images import TissueMap
    from reepi.core.results import PhotographArea
    from reepi.model.card import Card
    from reepi.model.inference import Segmenter

PHOTOGRAPHS = "Photographs: JPEG, PNG, TIFF, HEIC or AVIF; camera raw and DICOM with their extras."
"""What is read."""

AREAS = "areas.csv"
"""Table of the areas, beside the masks."""


def segment(
    files: Annotated[list[Path], typer.Argument(help=PHOTOGRAPHS)],
    out: Annotated[Path, typer.Option("--out", help="Folder for masks and overlays.")],
    model: Annotated[
        Path | None, typer.Option("--model", help="Folder of a tissue model; the shipped one if none.")
    ] = None,
) -> None:
    """Write a tissue mask of the upright original's size, and an overlay, for every photograph; areas in areas.csv."""
    from reepi.core.errors import PhotographRejected
    from reepi.core.results import PhotographArea
    from reepi.model.card import read_card
    from reepi.model.inference import load_segmenter
    from reepi.store.files import write_text
    from reepi.store.rows import rows_to_text
    from reepi.store.shipped import shipped_model

    check_names(files)
    folder = model or shipped_model("tissue")
    segmenter, card = load_segmenter(folder), read_card(folder)
    areas: list[PhotographArea] = []
    for file in files:
        try:
            mask, tissues = segment_file(segmenter, file, out)
        except PhotographRejected as error:
            typer.echo(f"{file}: rejected, {error}", err=True)
            continue
        areas += photograph_areas(file, tissues, card)
        write_text(out / AREAS, rows_to_text(PhotographArea, areas))
        typer.echo(mask)


def check_names(files: list[Path]) -> None:
    """Refuse files that do not exist, or whose masks would get the same name.

    Raises
    ------
    InputError
        A file is missing, or two share a stem; tells all of them.
    """
    from reepi.core.errors import Fault, InputError

    stems = [file.stem for file in files]
    twins = [file for file in files if stems.count(file.stem) > 1]
    faults = [Fault(str(f), "another file would get the same mask name", "Rename one.") for f in twins]
    faults += [Fault(str(f), "there is no such file", "Correct its name.") for f in files if not f.is_file()]
    if faults:
        raise InputError(faults)


def photograph_areas(file: Path, tissues: "TissueMap", card: "Card") -> "list[PhotographArea]":
    """Return a row for each tissue whose area matters, with its 90 % interval where the model has one."""
    from reepi.core.results import PhotographArea
    from reepi.model.area_interval import measured_areas

    factors = card.calibration.area
    rows = []
    for name, area in measured_areas(tissues).items():
        low, high = area.interval(factors[name]) if name in factors else (None, None)
        rows.append(PhotographArea(file.name, name, round(area.percent, 4), low, high, card.sha256))
    return rows


def segment_file(segmenter: "Segmenter", file: Path, out: Path) -> "tuple[Path, TissueMap]":
    """Write mask and overlay of one photograph; return the mask's path and what it was made from.

    Raises
    ------
    PhotographRejected
        The photograph cannot be read.
    """
    from reepi.imaging.reading import read_photograph
    from reepi.imaging.writing import encode_mask, encode_overlay
    from reepi.store.files import write_bytes

    photograph = read_photograph(file)
    tissues = segmenter(photograph)
    mask = tissues.mask
    target = out / f"{file.stem}.png"
    write_bytes(target, encode_mask(mask, photograph.original_size))
    write_bytes(out / f"{file.stem}_overlay.jpg", encode_overlay(photograph, mask))
    return target, tissues
