"""What readers decided of registrations, kept in the study's trail."""

from functools import cache
from pathlib import Path

from reepi.core.registration_decision import Decision, NewDecision
from reepi.core.trail import Event
from reepi.store.provenance import bytes_hash
from reepi.store.reading_database import photograph_as_read
from reepi.store.signing import demand_reason
from reepi.store.trail import Trail


class RegistrationStore:
    """The decisions on registrations of one study folder.

    Nothing is created until the first one is saved, so looking leaves a study as it is.

    Parameters
    ----------
    study : Path
        The study folder.
    url : str, optional
        Data base of several readers; the file in the study folder if none.
    trail : Trail, optional
        The study's trail, where it is open already or its past is wanted; in place of ``url``.
    """

    def __init__(self, study: Path, url: str | None = None, trail: Trail | None = None) -> None:
        self._study = study
        self.trail = trail or Trail(study, url)
        # What an event says never changes, so each is read once.
        self._said = cache(event_to_decision)

    def save(self, new: NewDecision) -> Decision:
        """Add a decision; it takes the place of all earlier ones of that photograph.

        Raises
        ------
        InputError
            The photograph is missing or changed while it was looked at, the reader signed it and gives no reason, or
            saving failed.
        """
        content = photograph_as_read(self._study, new.photograph, new.photograph_sha256)
        demand_reason(self.trail, new.reader, new.photograph, new.reason, new.event_id)
        said = {
            "photograph_sha256": bytes_hash(content),
            "verdict": new.verdict,
            "reason": new.reason,
            "residual_mm": new.residual_mm,
            "registration_sha256": new.registration_sha256,
        }
        return event_to_decision(self.trail.append("registration", new.photograph, new.reader, said, new.event_id))

    def history(self) -> tuple[Decision, ...]:
        """Return every decision, in order, after the hashes of the trail were checked.

        Raises
        ------
        InputError
            The data base cannot be used, or the trail does not hold; names the first such place.
        """
        return tuple(map(self._said, self.trail.events("registration")))

    def newest(self) -> tuple[Decision, ...]:
        """Return the newest of each photograph and reader, in the order of saving; see `history`."""
        last = {(each.photograph, each.reader): each for each in self.history()}
        return tuple(sorted(last.values(), key=lambda each: each.number))

    def counting(self) -> dict[str, Decision]:
        """Return the newest decision of each photograph, whoever made it, by file; see `history`."""
        return {each.photograph: each for each in self.history()}


def event_to_decision(event: Event) -> Decision:
    """Return the decision of an event (`ValueError` if its content is none)."""
    said = event.content
    try:
        seen = (said["registration_sha256"], said["residual_mm"], said["reason"], said["photograph_sha256"])
        new = NewDecision(event.subject, event.reader, said["verdict"], *seen)
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no decision ({error!r})") from error
    return Decision(
        number=event.number,
        photograph=new.photograph,
        photograph_sha256=new.photograph_sha256,
        reader=new.reader,
        verdict=new.verdict,
        registration_sha256=new.registration_sha256,
        residual_mm=new.residual_mm,
        reason=new.reason,
        saved_at=event.saved_at,
        sha256=event.sha256,
    )
