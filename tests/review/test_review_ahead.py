"""What is opened ahead is what is asked for, or nothing; trouble is left to the one who opens it again."""

from dataclasses import dataclass
from threading import Event
from typing import Any, cast

import numpy as np
import pytest

from reepi.core.errors import PhotographRejected
from reepi.core.images import Pixels
from reepi.review.ahead import OpeningAhead
from reepi.review.desk import Desk
from reepi.review.worklist import Task

PIXELS = np.zeros((4, 6, 3), np.uint8)


@dataclass(frozen=True)
class NamedTask:
    """As much of a task as opening ahead looks at."""

    key: str


@dataclass
class SlowDesk:
    """Opens what is not named ``damaged``, once it may."""

    may: Event

    def open(self, task: NamedTask) -> Any:
        self.may.wait(10)
        if task.key == "damaged":
            raise PhotographRejected("unreadable", "Copy it again.")
        return type("Opened", (), {"pixels": PIXELS, "key": task.key})

    def picture(self, file: str) -> Pixels | None:
        self.may.wait(10)
        return PIXELS if file == "there" else None


def opening(may: Event) -> OpeningAhead:
    return OpeningAhead(cast(Desk, SlowDesk(may)), lambda pixels: [pixels, pixels[::2, ::2]])


def task(key: str) -> Task:
    return cast(Task, NamedTask(key))


@pytest.fixture
def open_door() -> Event:
    door = Event()
    door.set()
    return door


def test_the_photograph_opened_ahead_is_handed_over_once(open_door: Event) -> None:
    ahead = opening(open_door)
    ahead.begin([], task("b"))
    ready = ahead.take(task("b"))
    assert ready is not None
    assert cast(Any, ready.photograph).key == "b"
    assert [each.shape for each in ready.sizes] == [(4, 6, 3), (2, 3, 3)]
    assert ahead.take(task("b")) is None
    ahead.close()


@pytest.mark.parametrize(("following", "asked"), [("b", "c"), ("damaged", "damaged"), (None, "b")])
def test_another_or_a_damaged_one_is_opened_anew(open_door: Event, following: str | None, asked: str) -> None:
    ahead = opening(open_door)
    ahead.begin([], None if following is None else task(following))
    assert ahead.take(task(asked)) is None
    ahead.close()


def test_earlier_days_are_there_once_they_are_read() -> None:
    door = Event()
    ahead = opening(door)
    ahead.begin(cast(Any, [type("Entry", (), {"file": file}) for file in ("there", "lost")]), task("b"))
    assert ahead.take_earlier() is None
    door.set()
    assert ahead.take(task("b")) is not None
    earlier = ahead.take_earlier()
    assert earlier is not None
    assert [each.pixels is None for each in earlier] == [False, True]
    assert ahead.take_earlier() is None
    ahead.close()
