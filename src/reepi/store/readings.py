"""Readings of a study: rows that are only added, and masks that are named by their content."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reepi.core.errors import Fault, InputError, PhotographRejected
from reepi.core.images import Mask
from reepi.core.reading import NewReading, Reading, ReadingState
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.imaging.reading import MIN_SIDE, decode_photograph
from reepi.imaging.writing import decode_mask, encode_mask
from reepi.store.files import write_bytes
from reepi.store.provenance import bytes_hash
from reepi.store.reading_database import DATABASE, open_database, photograph_as_read, trouble_told
from reepi.store.reading_rows import ReadingRow, create_tables
from reepi.store.study import inside

MASKS: Final = "readings/masks"


class ReadingStore:
    """The readings of one study folder.

    Nothing is created until the first reading is saved, so looking leaves a study as it is.

    Parameters
    ----------
    study : Path
        The study folder.
    url : str, optional
        Data base of several readers; the file in the study folder if none.
    """

    def __init__(self, study: Path, url: str | None = None) -> None:
        self._study = study
        self._file = None if url else study / DATABASE
        self._where = url or str(self._file)
        self._engine = open_database(url or f"sqlite:///{self._file}")

    def save(self, new: NewReading, mask: Mask | None) -> Reading:
        """Add a reading; its mask is on the disk before its row is.

        Parameters
        ----------
        new : NewReading
            What is said.
        mask : (H, W) uint8 or None
            Tissue of every pixel of the upright original, or 255; None only where the photograph is rejected.

        Raises
        ------
        InputError
            The photograph is missing or changed while it was read, the mask does not fit it, or saving failed.
        """
        content = photograph_as_read(self._study, new.photograph, new.photograph_sha256)
        encoded = None if mask is None and new.state == "rejected" else _checked(new, content, mask)
        mask_file, mask_hash = (None, None) if encoded is None else self._keep(encoded)
        row = ReadingRow(
            photograph=new.photograph,
            photograph_sha256=bytes_hash(content),
            reader=new.reader,
            state=new.state,
            reason=new.reason,
            mask_file=mask_file,
            mask_sha256=mask_hash,
            model_name=new.model_name,
            model_sha256=new.model_sha256,
            saved_at=datetime.now(UTC).isoformat(),
        )
        with trouble_told(self._where):
            return self._add(row)

    def history(self) -> tuple[Reading, ...]:
        """Return every reading in the order of saving."""
        return self._select(newest=False)

    def newest(self) -> tuple[Reading, ...]:
        """Return the readings that count, the newest of each photograph and reader, in the order of saving."""
        return self._select(newest=True)

    def mask(self, reading: Reading) -> Mask:
        """Return a reading's mask (H, W) after its hash was checked.

        Raises
        ------
        InputError
            The mask is missing, changed since it was saved, or lies outside the study folder; names it.
        """
        if reading.mask_file is None:
            raise InputError([Fault(reading.photograph, f"{reading.reader}'s reading has no mask", "Read it again.")])
        path = inside(self._study, reading.mask_file)
        if path is None:
            raise InputError([Fault(reading.mask_file, "it leaves the study folder", "Restore the data base.")])
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError([Fault(str(path), "the mask cannot be read", "Restore it from a copy.")]) from error
        if bytes_hash(content) != reading.mask_sha256:
            problem = f"the mask was changed since {reading.reader} saved it"
            raise InputError([Fault(str(path), problem, "Restore it from a copy, or read the photograph again.")])
        try:
            return decode_mask(content)
        except ValueError as error:
            raise InputError([Fault(str(path), str(error), "Read the photograph again.")]) from error

    def _keep(self, encoded: bytes) -> tuple[str, str]:
        """Write a mask under the name of its content; return file and hash."""
        digest = bytes_hash(encoded)
        file = f"{MASKS}/{digest}.png"
        path = inside(self._study, file)
        if path is None:
            raise InputError([Fault(file, "the folder of masks leaves the study folder", "Remove the link.")])
        if not path.exists():
            write_bytes(path, encoded)
        elif path.read_bytes() != encoded:
            raise InputError([Fault(str(path), "the mask of that name was changed", "Restore it from a copy.")])
        return file, digest

    def _add(self, row: ReadingRow) -> Reading:
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        create_tables(self._engine)
        with Session(self._engine) as session:
            session.add(row)
            session.commit()
            return _reading(row)

    def _select(self, *, newest: bool) -> tuple[Reading, ...]:
        if self._file is not None and not self._file.is_file():
            return ()
        last = select(func.max(ReadingRow.number)).group_by(ReadingRow.photograph, ReadingRow.reader)
        chosen = select(ReadingRow).order_by(ReadingRow.number)
        with trouble_told(self._where), Session(self._engine) as session:
            rows = session.scalars(chosen.where(ReadingRow.number.in_(last)) if newest else chosen)
            return tuple(_reading(row) for row in rows)


def _checked(new: NewReading, content: bytes, mask: Mask | None) -> bytes:
    """Return a mask as PNG if it fits its photograph."""
    problem = "there is no mask" if mask is None else _mask_problem(mask, content)
    if mask is None or problem:
        raise InputError([Fault(new.photograph, problem, "Give the tissue of every pixel of the upright original.")])
    return encode_mask(mask, (mask.shape[0], mask.shape[1]))


def _mask_problem(mask: Mask, content: bytes) -> str:
    if mask.dtype != np.uint8 or mask.ndim != 2:
        return f"the mask is {mask.dtype} of {mask.ndim} dimensions, not uint8 of rows and columns"
    try:
        height, width = decode_photograph(content, MIN_SIDE).original_size
    except PhotographRejected as rejection:
        return str(rejection)
    if mask.shape != (height, width):
        return f"the mask is {mask.shape[1]} x {mask.shape[0]}, the upright photograph {width} x {height}"
    unknown = sorted(set(np.unique(mask).tolist()) - {*map(int, Tissue), UNLABELLED})
    return f"the mask holds {', '.join(map(str, unknown))}, which is no tissue" if unknown else ""


def _reading(row: ReadingRow) -> Reading:
    return Reading(
        number=row.number,
        photograph=row.photograph,
        photograph_sha256=row.photograph_sha256,
        reader=row.reader,
        state=cast("ReadingState", row.state),
        reason=row.reason,
        mask_file=row.mask_file,
        mask_sha256=row.mask_sha256,
        model_name=row.model_name,
        model_sha256=row.model_sha256,
        saved_at=datetime.fromisoformat(row.saved_at),
    )
