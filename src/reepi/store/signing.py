"""What follows from a signature: who changes what they signed must say why."""

from reepi.core.errors import Fault, ReasonNeeded
from reepi.core.trail import Event
from reepi.store.trail import Trail


def demand_reason(trail: Trail, reader: str, subject: str, reason: str, event_id: str = "") -> None:
    """Refuse a change without a reason of what a reader signed.

    Parameters
    ----------
    trail : Trail
        The study's trail.
    reader : str
        Who saves.
    subject : str
        What is changed: a photograph's file, or a visit (its chart).
    reason : str
        The reason given, or nothing.
    event_id : str
        Identifier of the saving; one that was kept already may be sent again.

    Raises
    ------
    ReasonNeeded
        The reader signed it and gives no reason.
    """
    if reason.strip():
        return
    signed = next((event for event in reversed(trail.events("signature")) if _covers(event, reader, subject)), None)
    if signed is None or any(event.event_id == event_id for event in trail.events()):
        return
    problem = f"{reader} signed {signed.subject} on {signed.saved_at:%Y-%m-%d %H:%M} UTC"
    raise ReasonNeeded([Fault(subject, problem, "A later change needs a reason: give one, and sign the visit again.")])


def _covers(signature: Event, reader: str, subject: str) -> bool:
    return signature.reader == reader and (subject == signature.subject or subject in signature.content["files"])
