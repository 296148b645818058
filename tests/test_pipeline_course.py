"""Which photograph may be measured when, and on which it leans: by its view alone, in whatever order others end."""

from datetime import date, datetime
from itertools import count
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.measured import EndedPhotograph, Mark
from reepi.core.results import PhotoRow, Status
from reepi.core.study import Patient, PhotoEntry, Protocol, Study
from reepi.pipeline import Course, Measurement, measured_in_turn

PATIENT = Patient("P1", "F", 40.0, 165.0, 62.0, date(2026, 1, 1), date(2026, 1, 1))
VIEWS = ("head_anterior", "trunk_anterior", "trunk_posterior")


def study_of(*taken: tuple[int, str]) -> Study:
    """Return a study of one patient with photographs of a day in January and a view."""
    numbers = count()
    photos = [PhotoEntry(f"photos/{next(numbers):02d}.jpg", "P1", datetime(2026, 1, day), view) for day, view in taken]
    return Study("S", "infusion", (0,), Protocol(), (PATIENT,), tuple(photos))


def ended(task: Measurement, status: Status = "scored") -> EndedPhotograph:
    """Return how a photograph ended."""
    reasons = "" if status == "scored" else "unreadable: It is said so."
    return EndedPhotograph(task.entry, PhotoRow(task.entry.file, status, reasons, None, None), {}, Mark())


def names(tasks: tuple[Measurement, ...]) -> list[tuple[str, str | None]]:
    """Return the photographs to be measured, each with the one that it leans on."""
    return [(task.entry.file[7:9], task.earlier and task.earlier.entry.file[7:9]) for task in tasks]


def test_a_view_goes_on_while_others_of_the_day_are_measured() -> None:
    """Nothing but the same view of an earlier day is waited for."""
    course = Course(study_of((1, "head_anterior"), (1, "trunk_anterior"), (5, "head_anterior"), (5, "trunk_posterior")))
    first = course.begun()
    assert names(first) == [("00", None), ("01", None), ("03", None)]
    assert names(course.after(ended(first[0]))) == [("02", "00")]
    assert not course.over


def test_of_two_of_one_day_the_first_by_name_counts() -> None:
    """Both are waited for; one that was rejected counts for nothing, and the one before it does."""
    course = Course(study_of(*[(day, "head_anterior") for day in (1, 1, 5, 5, 9)]))
    one, two = course.begun()
    assert course.after(ended(two)) == ()
    three, four = course.after(ended(one))
    assert names((three, four)) == [("02", "00"), ("03", "00")]
    course.after(ended(three, "rejected"))
    last = course.after(ended(four, "failed"))
    assert names(last) == [("04", "00")]
    assert course.after(ended(*last)) == ()
    assert course.over


def test_a_patient_without_photographs_is_over_at_once() -> None:
    course = Course(study_of())
    assert course.begun() == ()
    assert course.over


@given(
    taken=st.lists(st.tuples(st.integers(1, 4), st.sampled_from(VIEWS)), max_size=10),
    rejected=st.sets(st.integers(0, 9)),
    random=st.randoms(use_true_random=False),
)
def test_what_leans_on_what_does_not_depend_on_who_ends_first(
    taken: list[tuple[int, str]],
    rejected: set[int],
    random: Random,
) -> None:
    """Every photograph is handed out once, with the earlier one that the rule names, in any order of ending."""
    study = study_of(*taken)
    status: dict[str, Status] = {
        entry.file: "rejected" if n in rejected else "scored" for n, entry in enumerate(study.photos)
    }
    leaning: dict[str, str | None] = {}
    course = Course(study)
    tasks = [*course.begun()]
    while tasks:
        task = tasks.pop(random.randrange(len(tasks)))
        assert task.entry.file not in leaning
        leaning[task.entry.file] = None if task.earlier is None else task.earlier.entry.file
        tasks += course.after(ended(task, status[task.entry.file]))
    assert course.over
    for entry in study.photos:
        before = [
            other
            for other in study.photos
            if (other.view_name, status[other.file]) == (entry.view_name, "scored") and other.taken_at < entry.taken_at
        ]
        latest = max((other.taken_at for other in before), default=None)
        asked = min((other.file for other in before if other.taken_at == latest), default=None)
        assert leaning[entry.file] == asked


def test_in_turn_means_one_after_the_other() -> None:
    """Each is measured when it is asked for, day by day."""
    study = study_of((1, "head_anterior"), (1, "trunk_anterior"), (5, "head_anterior"))
    measured: list[str] = []

    def measure(task: Measurement) -> EndedPhotograph:
        measured.append(task.entry.file)
        return ended(task)

    turn = measured_in_turn(study, measure)
    assert next(turn).entry.file == measured[0]
    assert len(measured) == 1
    assert [each.entry.file for each in turn] == [study.photos[1].file, study.photos[2].file]
    with pytest.raises(StopIteration):
        next(turn)
