"""Training: each task takes its steps, leaves a model that loads, and goes on after an end."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from reepi.core.errors import InputError
from reepi.model.architecture import ARCHITECTURES, Architecture
from reepi.model.canvas import TISSUE_LARGEST_SIDE, TISSUE_LEAST_SIDE, tissue_side
from reepi.model.data.canonical import Canonical
from reepi.model.data.datasets import read_datasets
from reepi.model.folder import read_model, write_model
from reepi.model.network import build_network
from reepi.model.training.batches import Batches
from reepi.model.training.learner import follow
from reepi.model.training.run import TrainingPlan, new_card, train
from reepi.model.training.sampling import (
    BALANCE,
    TISSUE_ZOOM,
    CorrespondenceDraw,
    TissueDraw,
    balanced_shares,
    tissue_cut,
)


def plan(task: str, steps: int) -> TrainingPlan:
    return TrainingPlan(task, 5, batch_size=2, validate_every=1, max_steps=steps, threads=1)  # type: ignore[arg-type]


@pytest.mark.parametrize("task", ["tissue", "correspondence"])
def test_each_configuration_trains_and_resumes(bodies: Path, tmp_path: Path, task: str) -> None:
    """One step leaves a model folder; resuming counts on from there and keeps the weights it had."""
    datasets, out, steps = read_datasets([bodies]), tmp_path / "model", []
    train(datasets, out, plan(task, 1))
    network, card = read_model(out)
    assert (card.task, card.sources[0].photographs, card.measured["validation while training"]["step"]) == (task, 2, 1)
    train(datasets, out, plan(task, 2), resume=True, progress=lambda step, share, figures: steps.append(step))
    assert steps == [2]
    assert type(read_model(out)[0]) is type(network)


def test_fine_tuning_starts_from_the_model_named(squares: Path, tmp_path: Path) -> None:
    """A start of another task is refused; the right one is taken."""
    datasets = read_datasets([squares])
    train(datasets, tmp_path / "first", plan("tissue", 1))
    train(datasets, tmp_path / "second", plan("tissue", 1), start=tmp_path / "first")
    stem = "pyramid.encoder.model.conv_stem.weight"
    first, second = (read_model(tmp_path / name)[0].state_dict()[stem] for name in ("first", "second"))
    assert torch.allclose(first, second)
    assert read_model(tmp_path / "second")[1].started_from == read_model(tmp_path / "first")[1].sha256
    with pytest.raises(InputError, match="it is a tissue model"):
        train(datasets, tmp_path / "third", plan("correspondence", 1), start=tmp_path / "first")


def write_tissue_model(folder: Path, data: Path, architecture: Architecture) -> Path:
    """Write an untrained tissue model of some architecture."""
    card = replace(new_card(folder.name, read_datasets([data]), plan("tissue", 1)), architecture=architecture)
    write_model(folder, build_network("tissue", architecture), card)
    return folder


def test_fine_tuning_takes_over_what_an_older_model_has(squares: Path, tmp_path: Path) -> None:
    """A model from before a layer was added is a start, and what comes of it has the layer."""
    today = ARCHITECTURES["tissue"]
    older = write_tissue_model(tmp_path / "older", squares, replace(today, border_channels=0))
    train(read_datasets([squares]), tmp_path / "newer", plan("tissue", 1), start=older)
    newer, card = read_model(tmp_path / "newer")
    assert card.architecture == today
    stem = "pyramid.encoder.model.conv_stem.weight"
    assert torch.allclose(newer.state_dict()[stem], read_model(older)[0].state_dict()[stem], atol=1e-3)


def test_start_of_another_width_is_refused(squares: Path, tmp_path: Path) -> None:
    """Its weights have no place."""
    other = write_tissue_model(tmp_path / "other", squares, replace(ARCHITECTURES["tissue"], pyramid_channels=32))
    with pytest.raises(InputError, match="architecture is another"):
        train(read_datasets([squares]), tmp_path / "newer", plan("tissue", 1), start=other)


def test_nothing_to_resume_is_told(squares: Path, tmp_path: Path) -> None:
    """Without a checkpoint there is nothing to go on from."""
    with pytest.raises(InputError, match="no checkpoint"):
        train(read_datasets([squares]), tmp_path / "model", plan("tissue", 1), resume=True)


def test_batches_repeat_from_any_step(squares: Path) -> None:
    """Step n holds the same cuts whether the run began at 0 or at n."""
    datasets = read_datasets([squares])
    whole = iter(Batches(TissueDraw(datasets, 1, 0), 7))
    late = iter(Batches(TissueDraw(datasets, 1, 0), 7, 2))
    next(whole), next(whole)
    first, second = next(whole), next(late)
    assert torch.equal(first["labels"], second["labels"])
    assert torch.equal(first["pixels"], second["pixels"])


def test_every_tissue_of_a_mask_is_met(squares: Path) -> None:
    """Windows are laid around each label alike, however small its area."""
    rng = np.random.default_rng(0)
    labels = np.ones((200, 300), np.uint8)
    labels[100:103, 150:153] = 16
    centres = [tissue_cut(labels, rng).centre for _ in range(60)]
    near = [abs(x - 151) < 130 and abs(y - 101) < 130 for x, y in centres]
    assert np.mean(near) > 0.4


@pytest.mark.parametrize(("side", "seen"), [(200, TISSUE_LEAST_SIDE), (600, 600), (3000, TISSUE_LARGEST_SIDE)])
def test_training_sees_a_photograph_at_the_size_of_use(side: int, seen: int) -> None:
    """The scale of cuts lies around that of use, on both sides, whatever the size of the photograph."""
    assert tissue_side((side, side // 2)) == seen
    rng = np.random.default_rng(1)
    labels = np.ones((side, side // 2), np.uint8)
    zooms = np.array([tissue_cut(labels, rng).scale for _ in range(200)]) * side / seen
    assert (zooms >= TISSUE_ZOOM[0] - 1e-9).all()
    assert (zooms <= TISSUE_ZOOM[1] + 1e-9).all()
    assert zooms.min() < 0.8 < 1.2 < zooms.max()


def test_mirrored_photograph_shows_the_mirrored_body(bodies: Path) -> None:
    """The point of a mirrored face is the mirror image of its point: x changes sign."""
    canonical = Canonical.read(bodies)
    codes = np.arange(1, 41)
    straight, mirrored = canonical.points(codes), canonical.points(codes, mirrored=True)
    assert np.allclose(mirrored, straight * [-1, 1, 1])


def test_correspondence_batch_knows_its_points(bodies: Path) -> None:
    """Points lie where the faces say, on a grid four times coarser."""
    batch = CorrespondenceDraw(read_datasets([bodies]), 2, 0)(np.random.default_rng(0))
    body, points = batch["body"] > 0, batch["points"]
    assert body.shape == batch["anchor"].shape
    assert points.shape[-2:] == body.shape[-2:] == tuple(side // 4 for side in batch["pixels"].shape[-2:])
    known = torch.from_numpy(Canonical.read(bodies).centroids)
    found = points.permute(0, 2, 3, 1)[body]
    assert len(found)
    assert torch.cdist(found, known).min(dim=1).values.max() < 1e-3


def test_photographs_stored_on_their_side_are_drawn_upright(bodies: Path) -> None:
    """What the camera noted of its hold is followed: none gets into a batch of those that lie."""
    for file in (bodies / "images" / "p001.jpg", bodies / "masks" / "p001.png", bodies / "faces" / "p001.png"):
        lying = np.rot90(cv2.imread(str(file), cv2.IMREAD_UNCHANGED))
        cv2.imwrite(str(file), np.ascontiguousarray(lying))
    path = bodies / "images" / "p000.jpg"
    with Image.open(path) as upright:
        stored = upright.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    stored.save(path, exif=exif)
    draw = CorrespondenceDraw(read_datasets([bodies]), 8, 0)
    shapes = {draw(np.random.default_rng(seed))["pixels"].shape[-2:] for seed in range(6)}
    assert shapes == {(224, 160), (160, 224)}


def test_without_faces_there_is_nothing_to_learn_points_from(squares: Path) -> None:
    """The missing file is named."""
    with pytest.raises(InputError, match=r"canonical\.npz"):
        CorrespondenceDraw(read_datasets([squares]), 1, 0)


def test_small_data_sets_are_drawn_more_often_than_their_size() -> None:
    """A set ten times as large is drawn more often, but not ten times as often."""
    shares = balanced_shares([1000, 100])
    assert shares.sum() == pytest.approx(1)
    assert shares[0] / shares[1] == pytest.approx(10**BALANCE)
    assert 1 < shares[0] / shares[1] < 10


def test_running_mean_moves_towards_the_network() -> None:
    """A decay of 0.75 takes a quarter of the way."""
    mean, network = build_network("tissue"), build_network("tissue")
    name = "pyramid.segmentation_head.0.weight"
    expected = 0.75 * mean.state_dict()[name] + 0.25 * network.state_dict()[name]
    follow(mean, network, 0.75)
    assert torch.allclose(mean.state_dict()[name], expected, atol=1e-7)
