"""Records of photographs: at which size they are measured, and what they rest on where labels are coarse."""

from pathlib import Path

import numpy as np
import pytest
from evaluated import CLOTHES, dataset, photograph

from reepi.core.images import Photograph, TissueMap
from reepi.model.data.datasets import Sample, read_datasets
from reepi.model.evaluation.records import N_BINS, record_photograph, record_tissue
from reepi.model.evaluation.subjects import OPEN_SKIN, index_of

DETACHED = 4
SAMPLE = Sample("p", Path("p.jpg"), Path("p.png"), "a", "test")


def measured(true: np.ndarray, said: TissueMap, colour: tuple[int, int, int], sets: np.ndarray, *, sure: bool) -> float:
    pixels = np.broadcast_to(np.array(colour, np.uint8), (*true.shape, 3)).copy()
    return record_photograph(SAMPLE, pixels, said, sets, 768, sure).angle


def test_a_perfect_model_on_files(squares: Path) -> None:
    """Every photograph of the split is told of, in order, and nothing is wrong."""
    data = read_datasets([squares])[0]
    masks = {s.read_image().tobytes(): s.read_mask() for s in data.samples}

    def perfect(shown: Photograph) -> TissueMap:
        return TissueMap.from_mask(masks[shown.pixels.tobytes()])

    told: list[str] = []
    found = record_tissue(perfect, 768, data, data.of_split("train"), told.append)
    assert told == ["p000", "p001"]
    assert found.sure_of_intact
    assert not found.counts[..., [1, 2]].any()
    assert np.allclose([each.surface[DETACHED] for each in found.photographs], 1)
    assert [each.skin for each in found.photographs] == [64 * 48, 64 * 48]


def test_the_tolerance_is_in_pixels_that_the_network_sees() -> None:
    """A border 8 pixels off at 1536 pixels is 4 off at 768."""
    true, said = np.ones((1536, 400), np.uint8), np.ones((1536, 400), np.uint8)
    true[400:800, 100:300], said[408:808, 100:300] = DETACHED, DETACHED
    assert photograph(true, said).surface[DETACHED] == 1
    said[400:816, 100:300] = np.where(np.arange(400, 816)[:, None] < 412, 1, DETACHED)
    assert photograph(true, said).surface[DETACHED] < 1


@pytest.mark.parametrize("sure", [True, False])
def test_tone_rests_on_labels_or_else_on_the_prediction(sure: bool) -> None:
    """Labels that never say intact leave it to the model, where they allow it."""
    sets = np.full((200, 300), 0b0000011, np.uint8)
    said = TissueMap.from_mask(np.ones((200, 300), np.uint8))
    angle = measured(said.mask, said, (240, 214, 190), sets, sure=sure)
    assert np.isfinite(angle) != sure


def test_reliability_counts_every_decided_pixel() -> None:
    """Probability 0.75 of open on four pixels, two of them open and one unlabelled: bin 7."""
    probabilities = np.zeros((7, 1, 4), np.float32)
    probabilities[DETACHED], probabilities[1] = 0.75, 0.25
    sets = dataset().labels.encode(np.array([[4, 4, 1, 255]], np.uint8))
    found = record_photograph(SAMPLE, np.zeros((1, 4, 3), np.uint8), TissueMap(probabilities), sets, 768, True)
    assert found.reliability.sum(axis=0) == pytest.approx([3, 2.25, 2])
    assert found.reliability[int(0.75 * N_BINS), 0] == 3


def test_unlabelled_pixels_count_nowhere() -> None:
    """Whatever the model says there."""
    one = photograph([[4, 1, 255, 255]], [[4, 1, 4, 0]])
    other = photograph([[4, 1, 255, 255]], [[4, 1, 1, 6]])
    assert (one.counts == other.counts).all()
    assert one.counts[index_of(OPEN_SKIN)].tolist() == [1, 0, 0, 1]
    assert one.labelled == 2


def test_skin_under_clothes_is_not_counted() -> None:
    """Only what is labelled intact is surely skin."""
    found = photograph([[0, 9, 9, 1]], [[0, 6, 0, 1]], values=CLOTHES)
    assert (found.skin, found.labelled) == (1, 4)
