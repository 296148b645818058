"""Engines: the same network says the same, whoever runs it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from reepi.core.errors import InputError
from reepi.core.images import Photograph
from reepi.core.tissue import Tissue
from reepi.core.views import VIEWS
from reepi.imaging.reading import read_photograph
from reepi.model.architecture import ARCHITECTURES, Task
from reepi.model.blueprint import Blueprint
from reepi.model.card import Card, read_card
from reepi.model.converted import cache_key, converted_network
from reepi.model.engines import EngineError, forward_of
from reepi.model.folder import EXAMPLE_EXPECTED, EXAMPLE_INPUT, write_model
from reepi.model.inference import load_correspondence_predictor, load_segmenter
from reepi.model.network import build_network
from reepi.model.publishing import EXAMPLE_VIEW, POINT_OFFSET_MM, png_image
from reepi.store.shipped import sample_study, shipped_model

SAME_PIXELS = 0.995
"""Share of mask pixels on which engines must agree."""


@pytest.fixture
def noise() -> Photograph:
    pixels = np.random.default_rng(0).integers(0, 256, (96, 64, 3), dtype=np.uint8)
    return Photograph(pixels, (96, 64))


@pytest.mark.parametrize("task", ["tissue", "correspondence"])
def test_engines_agree_on_any_network(task: Task) -> None:
    """OpenVINO and torch give the same numbers for random weights, at two sizes and two views."""
    torch.manual_seed(0)
    network = build_network(task)
    runs = {engine: forward_of(network, engine) for engine in ("openvino", "torch")}  # type: ignore[arg-type]
    for size, view in (((32, 64), 0), ((64, 32), 5)):
        pixels = np.random.default_rng(1).random((1, 3, *size), dtype=np.float32)
        fast, plain = (run(pixels, view) for run in runs.values())
        for one, other in zip(fast, plain, strict=True):
            assert np.allclose(one, other, atol=1e-3)


TWO_AT_ONCE = """
import sys, threading
import numpy as np
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from reepi.core.images import Photograph
from reepi.model.inference import load_segmenter
photograph = Photograph(np.random.default_rng(0).integers(0, 256, (96, 64, 3), dtype=np.uint8), (96, 64))
both = threading.Barrier(2)
def first(_):
    segment = load_segmenter(Path(sys.argv[1]), "openvino")
    both.wait()
    return segment(photograph).probabilities
with ThreadPoolExecutor(2) as threads:
    one, other = threads.map(first, range(2))
assert np.array_equal(one, other)
"""


def test_two_threads_may_begin_at_once() -> None:
    """A process that never ran a network runs it in two threads: neither waits for the other, and they agree."""
    command = [sys.executable, "-c", TWO_AT_ONCE, str(shipped_model("tissue"))]
    subprocess.run(command, env=os.environ | {"REEPI_THREADS": "1"}, check=True, timeout=120)


SIGNAL_AFTER = """
import os, signal, sys
import numpy as np
from pathlib import Path
from reepi.core.images import Photograph
from reepi.model.inference import load_segmenter
segment, other = (load_segmenter(Path(sys.argv[1]), "openvino") for _ in range(2))
segment(Photograph(np.zeros((96, 64, 3), np.uint8), (96, 64)))
other(Photograph(np.zeros((64, 96, 3), np.uint8), (64, 96)))
del segment
del other
heard = []
signal.signal(signal.SIGTERM, lambda *told: heard.append(told))
os.kill(os.getpid(), signal.SIGTERM)
assert heard
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_process_hears_signals_after_its_networks_are_gone() -> None:
    """Ctrl-C after scoring ends a watch in order: no network takes away the stack on which signals are heard."""
    subprocess.run([sys.executable, "-c", SIGNAL_AFTER, str(shipped_model("tissue"))], check=True, timeout=120)


def test_auto_falls_back_to_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without OpenVINO auto still runs, and asking for it is told."""
    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.delitem(sys.modules, "reepi.model.converted")
    network = build_network("tissue")
    assert forward_of(network, "auto")(np.zeros((1, 3, 64, 64), np.float32), 0)[0].shape == (1, 7, 32, 32)
    with pytest.raises(EngineError, match="OpenVINO is missing"):
        forward_of(network, "openvino")


def test_converted_networks_are_kept_and_damage_is_survived(tmp_path: Path) -> None:
    """The second call reads what the first wrote; a broken file is converted anew; other weights are another place."""
    network = build_network("tissue")
    converted_network(Blueprint.of(network), tmp_path)
    kept = list(tmp_path.glob("*/*.xml"))
    assert [path.parent.name for path in kept] == [cache_key(Blueprint.of(network))]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("tmp")]
    read = converted_network(Blueprint.of(network), tmp_path)
    kept[0].write_text("no model")
    anew = converted_network(Blueprint.of(network), tmp_path)
    assert [str(p) for p in (read.outputs[0].partial_shape[1], anew.outputs[0].partial_shape[1])] == ["7", "7"]
    assert cache_key(Blueprint.of(build_network("tissue"))) != cache_key(Blueprint.of(network))


def test_model_of_another_task_is_refused(tmp_path: Path) -> None:
    """A tissue model cannot find bodies."""
    card = Card("x", "tissue", ARCHITECTURES["tissue"], 512)
    write_model(tmp_path, build_network("tissue"), card)
    with pytest.raises(InputError, match="a correspondence model is needed"):
        load_correspondence_predictor(tmp_path)


def test_photographs_are_left_as_they_are(tmp_path: Path, noise: Photograph) -> None:
    """Segmenting returns a map of the photograph's size and changes nothing."""
    write_model(tmp_path, build_network("tissue"), Card("x", "tissue", ARCHITECTURES["tissue"], 64))
    kept = noise.pixels.copy()
    tissue = load_segmenter(tmp_path, "torch")(noise)
    assert tissue.probabilities.shape == (len(Tissue), 96, 64)
    assert np.allclose(tissue.probabilities.sum(axis=0), 1, atol=1e-5)
    assert np.array_equal(noise.pixels, kept)


def test_shipped_engines_agree_on_the_mask() -> None:
    """OpenVINO and torch choose the same tissue for nearly every pixel of the example."""
    folder = shipped_model("tissue")
    photograph = read_photograph(folder / EXAMPLE_INPUT)
    fast, plain = (load_segmenter(folder, engine)(photograph).mask for engine in ("openvino", "torch"))
    assert (fast == plain).mean() >= SAME_PIXELS


def test_shipped_tissue_model_gives_its_expected_mask() -> None:
    """The example's mask is the one in the folder, and shows more than one tissue."""
    folder = shipped_model("tissue")
    expected = png_image((folder / EXAMPLE_EXPECTED).read_bytes())
    found = load_segmenter(folder)(read_photograph(folder / EXAMPLE_INPUT)).mask
    assert (found == expected).mean() >= SAME_PIXELS
    assert len(np.unique(expected)) > 2


@pytest.mark.parametrize("engine", ["openvino", "torch"])
def test_shipped_correspondence_model_gives_its_expected_points(engine: str) -> None:
    """The example's points are those in the folder within a millimetre or two, on either engine."""
    folder = shipped_model("correspondence")
    expected = png_image((folder / EXAMPLE_EXPECTED).read_bytes()).astype(float)
    predict = load_correspondence_predictor(folder, engine)  # type: ignore[arg-type]
    found = predict(read_photograph(folder / EXAMPLE_INPUT), VIEWS[EXAMPLE_VIEW])
    both = (expected > 0).any(axis=-1) & (found.body > 0.5)
    assert both.mean() > 0.05
    assert np.abs(found.points[both] * 1000 + POINT_OFFSET_MM - expected[both]).max() < 3


def test_engines_agree_on_photographs() -> None:
    """OpenVINO and torch give the same mask on 99.5 % of the pixels, close up and far away."""
    folder, photographs = shipped_model("tissue"), sample_study() / "photos"
    segmenters = [load_segmenter(folder, engine) for engine in ("openvino", "torch")]  # type: ignore[arg-type]
    for view in ("head_anterior", "whole_posterior"):
        photograph = read_photograph(photographs / f"P01_d05_{view}.jpg")
        fast, plain = (segment(photograph).mask for segment in segmenters)
        assert len(np.unique(plain)) > 2
        assert (fast == plain).mean() >= SAME_PIXELS


@pytest.mark.parametrize("task", ["tissue", "correspondence"])
def test_shipped_cards_are_complete(task: Task) -> None:
    """A shipped model says what it learnt from, how it was measured, and stays small."""
    folder = shipped_model(task)
    card = read_card(folder)
    assert card.task == task
    assert card.sources
    assert card.measured
    assert card.non_commercial == any("NC" in source.licence for source in card.sources)
    assert (folder / "README.md").is_file()
    assert (folder / "weights.safetensors").stat().st_size < 40_000_000
