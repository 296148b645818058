"""Readings of a study: events that are only added, and masks that are named by their content."""

from collections.abc import Iterable

from reepi.core.images import Mask
from reepi.core.reading import NewReading, Reading, counting_readings
from reepi.core.trail import Event
from reepi.store.masks import checked_mask, keep_mask, read_mask, tissue_pixels
from reepi.store.provenance import bytes_hash
from reepi.store.reading_database import photograph_as_read
from reepi.store.signing import demand_reason
from reepi.store.trail_store import TrailStore


class ReadingStore(TrailStore[Reading]):
    """The readings of one study folder. See `TrailStore`."""

    kind = "reading"

    def save(self, new: NewReading, mask: Mask | None) -> Reading:
        """Add a reading; its mask is on the disk before its event is.

        Parameters
        ----------
        new : NewReading
            What is said.
        mask : (H, W) uint8 or None
            Tissue of every pixel of the upright original, or 255; None only where the photograph is rejected.

        Raises
        ------
        InputError
            The photograph is missing or changed while it was read, the mask does not fit it, the reader signed the
            photograph and gives no reason, or saving failed.
        """
        content = photograph_as_read(self._study, new.photograph, new.photograph_sha256)
        encoded = None if mask is None and new.state == "rejected" else checked_mask(new, content, mask)
        if new.occasion == 1:
            demand_reason(self.trail, new.reader, new.photograph, new.reason, new.event_id)
        mask_file, mask_hash = (None, None) if encoded is None else keep_mask(self._study, encoded)
        said = {
            "photograph_sha256": bytes_hash(content),
            "state": new.state,
            "reason": new.reason,
            "role": new.role,
            "occasion": new.occasion,
            "mask_file": mask_file,
            "mask_sha256": mask_hash,
            "tissue_pixels": {} if mask is None else {str(key): n for key, n in tissue_pixels(mask).items()},
            "model_name": new.model_name,
            "model_sha256": new.model_sha256,
        }
        return event_to_reading(self.trail.append("reading", new.photograph, new.reader, said, new.event_id))

    def _told(self, event: Event) -> Reading:
        return event_to_reading(event)

    def newest(self) -> tuple[Reading, ...]:
        """Return the newest of each photograph and reader, in the order of saving; see `history`.

        Neither hidden repeats nor what adjudicators decided.
        """
        return _newest(each for each in self.history() if (each.role, each.occasion) == ("reader", 1))

    def repeats(self) -> tuple[Reading, ...]:
        """Return the newest hidden repeat of each photograph and reader, in the order of saving; see `history`."""
        return _newest(each for each in self.history() if each.occasion == 2)

    def decided(self) -> dict[str, Reading]:
        """Return the newest adjudication of each photograph, by file; see `history`."""
        judged = (each for each in self.history() if (each.role, each.occasion) == ("adjudicator", 1))
        return {each.photograph: each for each in judged}

    def counting(self) -> dict[str, tuple[Reading, ...]]:
        """Return which readings count for the areas of each photograph, by file; see `counting_readings`.

        A photograph that nobody read is not there.
        """
        decided, together = self.decided(), dict[str, list[Reading]]()
        for reading in self.newest():
            together.setdefault(reading.photograph, []).append(reading)
        files = sorted({*together, *decided})
        found = {file: counting_readings(together.get(file, []), decided.get(file)) for file in files}
        return {file: readings for file, readings in found.items() if readings}

    def mask(self, reading: Reading) -> Mask:
        """Return a reading's mask (H, W) after its hash was checked.

        Raises
        ------
        InputError
            The mask is missing, changed since it was saved, or lies outside the study folder; names it.
        """
        return read_mask(self._study, reading)


def event_to_reading(event: Event) -> Reading:
    """Return the reading of an event (`ValueError` if its content is none)."""
    said = event.content
    try:
        # Everything that a new reading may not be, a stored one may not be either.
        new = NewReading(
            event.subject,
            event.reader,
            said["state"],
            said["reason"],
            said["model_name"],
            said["model_sha256"],
            said["photograph_sha256"],
            said["role"],
            said["occasion"],
        )
        pixels = {int(value): int(n) for value, n in said["tissue_pixels"].items()}
        mask_file, mask_sha256 = said["mask_file"], said["mask_sha256"]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no reading ({error!r})") from error
    return Reading(
        number=event.number,
        photograph=new.photograph,
        photograph_sha256=new.photograph_sha256,
        reader=new.reader,
        state=new.state,
        reason=new.reason,
        mask_file=mask_file,
        mask_sha256=mask_sha256,
        model_name=new.model_name,
        model_sha256=new.model_sha256,
        saved_at=event.saved_at,
        role=new.role,
        occasion=new.occasion,
        sha256=event.sha256,
        tissue_pixels=pixels,
    )


def _newest(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    last = {(each.photograph, each.reader): each for each in readings}
    return tuple(sorted(last.values(), key=lambda each: each.number))
