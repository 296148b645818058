"""What goes wrong, told to a reader who must not learn which photographs belong together."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from reepi.core.errors import Fault, InputError, ReasonNeeded, VisitUnfinished


@contextmanager
def visit_untold(title: str, is_hidden: bool) -> Iterator[None]:
    """Take visit and files out of what is told, where the protocol hides them.

    Parameters
    ----------
    title : str
        What the reader is told of the photograph on the desk, in their place.
    is_hidden : bool
        Whether they are hidden.
    """
    try:
        yield
    except VisitUnfinished:
        if not is_hidden:
            raise
        problem = "not everything that belongs to its visit is read and saved"
        raise VisitUnfinished(
            [Fault(title, problem, "Read the list to its end, and save it, before signing.")]
        ) from None
    except ReasonNeeded:
        if not is_hidden:
            raise
        remedy = "A change needs a reason: give one, and sign again."
        raise ReasonNeeded([Fault(title, "you signed this photograph", remedy)]) from None
    except InputError as error:
        if not is_hidden:
            raise
        raise InputError([replace(fault, where=title, line=None) for fault in error.faults]) from None
