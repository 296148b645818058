"""What a model's answer tells of its doubts, on answers that are written by hand."""

import numpy as np
import pytest

from reepi.core.images import Photograph, TissueMap
from reepi.core.tissue import Tissue
from reepi.model.suggestion.signals import entropy, largest_doubt, read_signals, skin_weights


def even(height: int = 8, width: int = 8, **tissues: float) -> np.ndarray:
    """Return the same probabilities (7, H, W) at every pixel."""
    values = np.zeros(len(Tissue), np.float32)
    for word, probability in tissues.items():
        values[Tissue.from_label(word)] = probability
    return np.broadcast_to(values[:, None, None], (len(Tissue), height, width)).copy()


def photograph(height: int = 8, width: int = 8) -> Photograph:
    return Photograph(np.zeros((height, width, 3), np.uint8), (height, width))


def test_entropy_of_certainty_and_of_a_toss() -> None:
    """Nothing where one tissue is certain, ln 2 where two are as likely as each other."""
    assert entropy(even(intact=1.0)).max() == 0
    np.testing.assert_allclose(entropy(even(intact=0.5, erythema=0.5)), np.log(2), rtol=1e-6)


def test_only_skin_counts() -> None:
    """Doubt within the background's share is weighed by the skin there: half the picture is certain skin."""
    seen = even(background=1.0)
    seen[:, :, :4] = even(8, 4, intact=0.5, detached=0.5)
    signals = read_signals(lambda _: TissueMap(seen), photograph())
    assert signals.entropy == pytest.approx(np.log(2), rel=0.01)


def test_a_photograph_without_skin_is_judged_by_all_of_it() -> None:
    """Weights exist and sum to one."""
    assert skin_weights(even(background=1.0)).sum() == pytest.approx(1)


def test_an_answer_that_depends_on_the_side_contradicts_itself() -> None:
    """Always detached on the left half: the mirror says the contrary everywhere. An even answer agrees."""
    sided = even(intact=1.0)
    sided[:, :, :4] = even(8, 4, detached=1.0)
    assert read_signals(lambda _: TissueMap(sided), photograph()).mirrored == pytest.approx(1)
    assert read_signals(lambda _: TissueMap(even(intact=1.0)), photograph()).mirrored == 0


def test_an_answer_that_follows_the_photograph_agrees_with_its_mirror() -> None:
    """What is bright is detached, wherever it lies."""
    picture = photograph()
    picture.pixels[:, :3] = 255

    def segment(seen: Photograph) -> TissueMap:
        return TissueMap.from_mask(np.where(seen.pixels[..., 0] > 0, Tissue.DETACHED, Tissue.INTACT).astype(np.uint8))

    assert read_signals(segment, picture).mirrored == 0


def test_the_largest_doubt_is_named_with_its_share_of_skin() -> None:
    """A quarter between erythema and detachable, an eighth between intact and covered, the rest clear."""
    seen = even(intact=1.0)
    seen[:, :, :2] = even(8, 2, detachable=0.6, erythema=0.4)
    seen[:, :, 7:] = even(8, 1, intact=0.7, covered=0.3)
    doubt = largest_doubt(seen, skin_weights(seen))
    assert (doubt.first, doubt.second) == (Tissue.ERYTHEMA, Tissue.DETACHABLE)
    assert doubt.share == pytest.approx(0.25, rel=1e-3)


def test_large_answers_are_counted_on_a_coarser_grid() -> None:
    """Shares stay the same."""
    seen = even(600, 1100, intact=1.0)
    seen[:, :150] = even(150, 1100, detached=0.6, detachable=0.4)
    signals = read_signals(lambda _: TissueMap(seen), photograph(600, 1100))
    assert signals.doubt.share == pytest.approx(0.25, abs=0.01)
