"""What was measured lately is remembered by its content, and no more of it than may be."""

import numpy as np

from reepi.core.images import Photograph
from reepi.store.recent import Recent, RecentPhotographs


def photograph(value: int) -> Recent:
    return Recent(Photograph(np.full((4, 6, 3), value, np.uint8), (4, 6)))


def test_the_one_asked_for_least_goes_first() -> None:
    recent, shown = RecentPhotographs(2), [photograph(value) for value in range(3)]
    recent.put("a", shown[0])
    recent.put("b", shown[1])
    assert recent.get("a") is shown[0]
    recent.put("c", shown[2])
    assert [recent.get(name) for name in "abc"] == [shown[0], None, shown[2]]


def test_what_is_put_again_is_the_newest() -> None:
    recent, first = RecentPhotographs(2), photograph(0)
    for name, each in (("a", first), ("b", photograph(1)), ("a", first), ("c", photograph(2))):
        recent.put(name, each)
    assert recent.get("a") is first
    assert recent.get("b") is None


def test_nothing_is_left_of_what_is_cleared() -> None:
    recent = RecentPhotographs(2)
    recent.put("a", photograph(0))
    recent.clear()
    assert recent.get("a") is None
