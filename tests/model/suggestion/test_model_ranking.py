"""Which photographs come first, and the words for it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.tissue import Tissue
from reepi.model.suggestion.ranking import Candidate, likeness, suggest
from reepi.model.suggestion.signals import Doubt, Signals

SURE = Signals(0.1, 0.0, Doubt(Tissue.INTACT, Tissue.ERYTHEMA, 0.0))


def plain(number: int, **changes: object) -> Candidate:
    """Return a photograph that the model is sure of and that looks like no other."""
    feature = np.eye(12)[number]
    return replace(Candidate(f"photos/{number:02d}.jpg", SURE, feature, 0.0, 1.0, 0.4), **changes)  # type: ignore[arg-type]


def order(candidates: list[Candidate], read: tuple[np.ndarray, ...] = ()) -> list[str]:
    return [each.candidate.file for each in suggest(candidates, read)]


def test_the_odd_photograph_is_first_and_the_reasons_are_told() -> None:
    """Unsure, contradicting itself and unlike training; the others have no reason."""
    doubt = Doubt(Tissue.DETACHABLE, Tissue.DETACHED, 0.08)
    odd = plain(5, signals=Signals(0.6, 0.123, doubt), distance=9.0, share_nearer=1.0)
    first, *rest = suggest([*(plain(number) for number in range(5)), odd])
    assert (first.candidate, first.mean_rank) == (odd, 1.0)
    assert first.why == (
        "unsure whether detachable or detached on 8.0 % of skin; another answer in the mirror on 12 % of skin; "
        "unlike the training photographs (further than 99 % of their like)"
    )
    assert {each.why for each in rest} == {"nothing stands out"}


def test_each_signal_alone_puts_a_photograph_first() -> None:
    """One rank is enough where all else is equal."""
    for change in (
        {"signals": Signals(0.2, 0.0, SURE.doubt)},
        {"signals": Signals(0.1, 0.3, SURE.doubt)},
        {"readers_differ": 0.2},
        {"distance": 2.0},
    ):
        assert order([plain(0), plain(1), plain(2, **change), plain(3)])[0] == "photos/02.jpg"


def test_readers_who_differ_are_told() -> None:
    """Their share stands in the reason."""
    assert "readers differ on 20 % of skin" in suggest([plain(0), plain(1, readers_differ=0.2)])[0].why


def test_of_ten_alike_one_comes_first_and_the_others_last() -> None:
    """Near-identical photographs that the model knows least do not fill the top of the list."""
    alike = [plain(n, feature=np.eye(12)[11] + 1e-6 * n, signals=Signals(0.9, 0.4, SURE.doubt)) for n in range(10)]
    others = [plain(10), replace(plain(10, feature=np.eye(12)[3], signals=Signals(0.2, 0.1, SURE.doubt)), file="x")]
    placed = suggest([*alike, *others])
    assert [each.candidate.file for each in placed[:2]] == ["photos/00.jpg", "x"]
    assert placed[1].redundancy < 0.2
    assert all(each.redundancy > 0.99 for each in placed[-9:])


def test_what_looks_like_a_read_photograph_waits() -> None:
    """The model will have learnt it from that one."""
    first, second = plain(0, signals=Signals(0.9, 0.4, SURE.doubt)), plain(1, signals=Signals(0.5, 0.2, SURE.doubt))
    assert order([first, second, plain(2)])[0] == first.file
    assert order([first, second, plain(2)], (first.feature,))[0] == second.file


def test_a_model_that_does_not_say_what_it_saw_ranks_by_the_rest() -> None:
    """Distance is left out for all, and no reason speaks of it."""
    unsure = plain(1, distance=None, share_nearer=None, signals=Signals(0.5, 0.2, SURE.doubt))
    placed = suggest([plain(0, distance=None, share_nearer=None), unsure])
    assert placed[0].candidate == unsure
    assert placed[0].mean_rank == 1


@given(st.permutations(range(8)), st.lists(st.floats(0, 1), min_size=8, max_size=8))
def test_the_order_of_the_list_changes_nothing(places: list[int], entropies: list[float]) -> None:
    """The same photographs give the same order, and every one has a place; scores never rise."""
    candidates = [plain(n, signals=Signals(value, value / 2, SURE.doubt)) for n, value in enumerate(entropies)]
    placed = suggest([candidates[place] for place in places])
    assert [each.candidate.file for each in placed] == order(candidates)
    assert len(placed) == 8
    scores = [each.score for each in placed]
    assert all(one >= other - 1e-4 for one, other in pairwise(scores))


def test_nothing_to_suggest() -> None:
    """A study that is read has no suggestions; a single photograph has one."""
    assert suggest([]) == ()
    assert order([plain(0)]) == ["photos/00.jpg"]


def test_likeness_is_one_for_the_same_and_little_for_the_usual() -> None:
    """Two that are apart as any two of the study are hardly alike; a common unit changes nothing."""
    alike = likeness(np.eye(4), [np.eye(4)[0]])
    np.testing.assert_allclose(np.diag(alike[:, :4]), 1)
    assert alike[0, 4] == 1
    assert alike[0, 1] < 0.01
    np.testing.assert_allclose(likeness(np.eye(4) * 1000 + 7, [np.eye(4)[0] * 1000 + 7]), alike, atol=1e-9)
