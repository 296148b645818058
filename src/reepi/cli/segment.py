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
    check_out(files, out)
    folder = model or shipped_model("tissue")
    segmenter, card = load_segmenter(folder), read_card(folder)
    areas: list[PhotographArea] = []
    # By it the masks of a call that is killed are known for this command's.
    if not (out / AREAS).is_file():
        write_text(out / AREAS, rows_to_text(PhotographArea, areas))
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
        A file is missing or a folder, or two share a stem; tells all of them.
    """
    from reepi.core.errors import Fault, InputError

    stems = [file.stem for file in files]
    twins = [file for file in files if stems.count(file.stem) > 1]
    faults = [Fault(str(f), "another file would get the same mask name", "Rename one.") for f in twins]
    for file in files:
        if file.is_dir():
            faults.append(Fault(str(file), "it is a folder", "Name the photographs in it; reepi score takes a study."))
        elif not file.is_file():
            faults.append(Fault(str(file), "there is no such file", "Correct its name."))
    if faults:
        raise InputError(faults)


def check_out(files: list[Path], out: Path) -> None:
    """Refuse a folder in which masks would take the place of what no earlier call wrote, or areas that of a study's.

    Raises
    ------
    InputError
        It is a file, holds another's picture under the name of a mask or an overlay, or holds a study or its results;
        tells all of it.
    """
    from reepi.core.errors import Fault, InputError
    from reepi.store.settings import SETTINGS_FILE

    faults = []
    if out.exists() and not out.is_dir():
        faults.append(Fault(str(out), "it is a file", "Name a folder for the masks with --out."))
    named = {file.resolve() for file in files}
    earlier = (out / AREAS).is_file()
    remedy = "Name another folder with --out; only masks of earlier calls are made anew."
    for file in files:
        mask, overlay = mask_path(out, file), overlay_path(out, file)
        # The overlay is written first, so a mask without one is another's work.
        for path, own in ((mask, earlier and overlay.is_file()), (overlay, earlier)):
            if path.resolve() in named or (path.exists() and not own):
                faults.append(Fault(str(path), "a mask or an overlay would take its place", remedy))
    if (out / SETTINGS_FILE).exists() or (out / "run.json").exists() or not _is_free_for_areas(out / AREAS):
        problem = "it holds a study, or the results of one"
        faults.append(Fault(str(out), problem, "Name another folder with --out; nothing of a study is overwritten."))
    if faults:
        raise InputError(faults)


def mask_path(out: Path, file: Path) -> Path:
    """Return where the mask of a photograph goes."""
    return out / f"{file.stem}.png"


def overlay_path(out: Path, file: Path) -> Path:
    """Return where a photograph with its tissues painted on goes."""
    return out / f"{file.stem}_overlay.jpg"


def _is_free_for_areas(table: Path) -> bool:
    """Return whether a table is not there, or is one of earlier masks."""
    from reepi.core.results import PhotographArea
    from reepi.store.rows import rows_to_text

    header = rows_to_text(PhotographArea, []).encode()
    return not table.exists() or (table.is_file() and table.read_bytes().startswith(header))


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
    target = mask_path(out, file)
    write_bytes(overlay_path(out, file), encode_overlay(photograph, mask))
    write_bytes(target, encode_mask(mask, photograph.original_size))
    return target, tissues
