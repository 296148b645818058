"""What readers decided of registrations, kept in the study's trail."""

from reepi.core.reader_points import SavedPoints
from reepi.core.registration_decision import Decision, NewDecision
from reepi.core.trail import Event
from reepi.store.provenance import bytes_hash
from reepi.store.reader_points import PointStore, counting_points
from reepi.store.reading_database import photograph_as_read
from reepi.store.signing import demand_reason
from reepi.store.trail_store import TrailStore


class RegistrationStore(TrailStore[Decision]):
    """The decisions on registrations of one study folder. See `TrailStore`."""

    kind = "registration"

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

    def _told(self, event: Event) -> Decision:
        return event_to_decision(event)

    def newest(self) -> tuple[Decision, ...]:
        """Return the newest of each photograph and reader, in the order of saving; see `history`."""
        last = {(each.photograph, each.reader): each for each in self.history()}
        return tuple(sorted(last.values(), key=lambda each: each.number))

    def counting(self) -> dict[str, Decision]:
        """Return the newest decision of each photograph, whoever made it, by file; see `history`."""
        return {each.photograph: each for each in self.history()}

    def refused(self) -> dict[str, Decision]:
        """Return the refusals that stand, by file, while the photograph is the same; see `history`.

        Nobody accepted the place since, and the points that lay the photograph are those of then. That the model would
        lay it elsewhere now makes no place right: it may do so since another photograph was refused.
        """
        refused = {file: each for file, each in self.counting().items() if each.verdict == "refused"}
        if not refused:
            return {}
        saved = PointStore(self._study, trail=self.trail).history()
        now = counting_points(saved)
        then = {file: counting_points(p for p in saved if p.number < each.number) for file, each in refused.items()}
        return {file: each for file, each in refused.items() if _same(then[file].get(file), now.get(file))}


def _same(one: SavedPoints | None, other: SavedPoints | None) -> bool:
    """Return whether two sets of points are the same, or neither is there."""
    return (one and one.points_sha256) == (other and other.points_sha256)


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
