"""Signatures under visits: a reader stands for the newest of what they said; kept in the study's trail."""

from collections.abc import Iterable, Sequence
from datetime import date

from reepi.core.errors import Fault, VisitUnfinished
from reepi.core.signature import Signature
from reepi.core.trail import Event, subject_visit, visit_subject
from reepi.store.trail_store import TrailStore


class SignatureStore(TrailStore[Signature]):
    """The signatures of one study folder. See `TrailStore`."""

    kind = "signature"

    def sign(self, patient_id: str, day: date, reader: str, files: Iterable[str], event_id: str = "") -> Signature:
        """Sign a visit: the reader's newest readings, points, decisions and chart of it.

        Parameters
        ----------
        patient_id : str
            Whose visit.
        day : date
            Day of the visit.
        reader : str
            Who signs.
        files : iterable of str
            Photographs of the visit that the reader has read, as in ``photos.csv``.
        event_id : str
            Identifier of this saving, so that it can be sent twice; empty makes a new one.

        Raises
        ------
        VisitUnfinished
            The reader has not finished a photograph, or there is nothing to sign.
        InputError
            Saving failed.
        """
        subject, listed = visit_subject(patient_id, day), sorted(set(files))
        said = _newest(self.trail.events(), reader, subject, listed)
        faults = _unfinished(said, subject, reader, listed)
        if faults:
            raise VisitUnfinished(faults)
        content = {"files": listed, "signed": [event.sha256 for event in said]}
        return event_to_signature(self.trail.append("signature", subject, reader, content, event_id))

    def _told(self, event: Event) -> Signature:
        return event_to_signature(event)

    def newest(self) -> tuple[Signature, ...]:
        """Return the newest of each visit and reader, in the order of saving; see `history`."""
        last = {(each.visit, each.reader): each for each in self.history()}
        return tuple(sorted(last.values(), key=lambda each: each.number))

    def standing(self) -> tuple[Signature, ...]:
        """Return those of `newest` whose reader has changed nothing of the visit since."""
        events = self.trail.events()
        return tuple(each for each in self.newest() if _stands(each, events))


def event_to_signature(event: Event) -> Signature:
    """Return the signature of an event (`ValueError` if its content is none)."""
    said = event.content
    patient_id, day = subject_visit(event.subject)
    try:
        files, signed = tuple(map(str, said["files"])), tuple(map(str, said["signed"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no signature ({error!r})") from error
    return Signature(
        number=event.number,
        patient_id=patient_id,
        date=day,
        reader=event.reader,
        files=files,
        signed=signed,
        saved_at=event.saved_at,
        sha256=event.sha256,
    )


def _newest(events: Iterable[Event], reader: str, subject: str, files: Sequence[str]) -> list[Event]:
    """Return the newest of each kind, photograph or chart, and role that a reader said of a visit.

    Hidden repeats are left out: they are no part of a visit.
    """
    of_visit = (event for event in events if event.reader == reader and event.subject in {subject, *files})
    last = {}
    for event in of_visit:
        said = event.content
        if event.kind != "signature" and said.get("occasion", 1) == 1:
            last[event.kind, event.subject, said.get("role")] = event
    return sorted(last.values(), key=lambda event: event.number)


def _unfinished(said: Sequence[Event], subject: str, reader: str, files: Sequence[str]) -> list[Fault]:
    if not said:
        return [Fault(subject, f"{reader} said nothing of this visit", "Read it before signing.")]
    finished = {event.subject for event in said if event.kind == "reading" and event.content["state"] != "proposed"}
    return [
        Fault(file, f"{reader} has not accepted, corrected or rejected it", "Finish it before signing the visit.")
        for file in files
        if file not in finished
    ]


def _stands(signature: Signature, events: Sequence[Event]) -> bool:
    said = _newest(events, signature.reader, visit_subject(*signature.visit), signature.files)
    return tuple(event.sha256 for event in said) == signature.signed
