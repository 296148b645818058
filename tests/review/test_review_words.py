"""What the window says of photographs that cannot be opened, and of signatures."""

from datetime import UTC, date, datetime

import pytest

from reepi.core.errors import Fault
from reepi.core.signature import Signature
from reepi.core.study import PhotoEntry
from reepi.review.words import MOST_TOLD, end_told, passed_told, progress_told, signed_told
from reepi.review.worklist import UNOPENED, UNREAD, Task

ENTRY = PhotoEntry("photos/a.png", "P1", datetime(2024, 3, 5), "whole_anterior")
FILES = ("photos/a.png", "photos/b.png", "photos/c.png")


def worklist(*states: str) -> list[Task]:
    return [Task(ENTRY, 1, "P1", state) for state in states]


@pytest.mark.parametrize(
    ("states", "progress", "end"),
    [
        (["accepted", UNREAD], "1 of 2 photographs read", "Everything is read."),
        (["accepted", UNOPENED], "1 of 2 photographs read, 1 cannot be opened", "but 1 photograph that cannot be"),
        ([UNOPENED, UNOPENED], "0 of 2 photographs read, 2 cannot be opened", "but 2 photographs that cannot be"),
    ],
)
def test_what_cannot_be_opened_is_counted_apart(states: list[str], progress: str, end: str) -> None:
    """Neither the progress nor the end of the list calls it read."""
    tasks = worklist(*states)
    assert progress_told(tasks) == progress
    assert end in end_told(tasks)


def test_many_that_cannot_be_opened_are_counted() -> None:
    """The first are told with their reasons, the others as a number, and which photograph is open."""
    passed = [Fault(f"P{n}", "it cannot be opened", "There is no such file.") for n in range(MOST_TOLD + 3)]
    told = passed_told(passed, "P99, day 5").splitlines()
    assert told[0] == "P0: it cannot be opened. There is no such file."
    assert told[MOST_TOLD:] == ["3 photographs more cannot be opened.", "Open now: P99, day 5."]
    assert passed_told(passed[:1], "").splitlines()[1:] == ["No photograph is open."]


def test_a_signature_tells_what_it_leaves_out() -> None:
    """By file; nothing of the visit where the protocol hides it."""
    moment = datetime(2024, 4, 1, tzinfo=UTC)
    signature = Signature(1, "P1", date(2024, 3, 5), "Ada", FILES[:2], (), moment, "")
    assert signed_told(signature, FILES[:2], is_hidden=False) == "Signed: 2 photographs of P1, 2024-03-05."
    assert signed_told(signature, FILES, is_hidden=False).endswith("not to be opened: photos/c.png.")
    assert signed_told(signature, FILES, is_hidden=True) == "Signed."
