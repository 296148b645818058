"""What a process that measures reads before its first photograph, and on how many threads it runs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from threadpoolctl import threadpool_info

import reepi.model.engines as engines
from reepi.core.errors import InputError
from reepi.core.views import VIEWS
from reepi.imaging.reading import read_photograph
from reepi.model.engines import forward_of, has_graphics_card
from reepi.model.folder import EXAMPLE_INPUT, read_blueprint
from reepi.model.inference import load_correspondence_predictor, load_segmenter
from reepi.model.threads import VARIABLE, network_threads, side_by_side, threads, use_threads
from reepi.store.shipped import shipped_model

MEASURE = """
import sys
from pathlib import Path
from reepi.cli.batch import Models, score_folder
from reepi.core.views import VIEWS
from reepi.imaging.reading import read_photograph
models = Models.chosen()
instruments = models.instruments()
photograph = read_photograph(models.tissue / "example_input.jpg")
tissues = instruments.segment(photograph)
instruments.register.predict(photograph, VIEWS["trunk_anterior"])
print(tissues.probabilities.shape[0], *(name for name in sys.argv[1:] if name in sys.modules))
"""

NOT_NEEDED = ("torch", "segmentation_models_pytorch", "timm", "matplotlib", "pandas", "statsmodels", "plotly", "colour")


@pytest.mark.skipif(has_graphics_card(), reason="torch runs the networks on a graphics card")
def test_a_cold_process_with_a_warm_cache_measures_without_torch() -> None:
    """Converted networks that are kept are found and run without torch, and nothing is read that only reports need."""
    load_segmenter(shipped_model("tissue"), "openvino")
    load_correspondence_predictor(shipped_model("correspondence"), "openvino")
    process = subprocess.run([sys.executable, "-c", MEASURE, *NOT_NEEDED], capture_output=True, text=True, check=True)
    assert process.stdout.split() == ["7"], process.stdout


def test_help_reads_nothing_heavy() -> None:
    """Help is there before numpy could be."""
    show = "import sys, reepi.cli; print(*(name for name in sys.argv[1:] if name in sys.modules))"
    heavy = ("numpy", "scipy", "cv2", "rich", "sqlalchemy", *NOT_NEEDED)
    process = subprocess.run([sys.executable, "-c", show, *heavy], capture_output=True, text=True, check=True)
    assert process.stdout.split() == []


def test_torch_is_not_asked_for_a_card_where_no_driver_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a driver there is no graphics card, whatever torch would say; with one torch is asked."""
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr(engines, "GRAPHICS_DRIVERS", (tmp_path / "none",))
    assert not has_graphics_card()
    monkeypatch.setattr(engines, "GRAPHICS_DRIVERS", (tmp_path,))
    with pytest.raises(ImportError):
        has_graphics_card()


@pytest.fixture
def restored_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave the number of threads as it was."""
    monkeypatch.setenv(VARIABLE, "")
    before = cv2.getNumThreads()
    yield
    cv2.setNumThreads(before)


@pytest.mark.usefixtures("restored_threads")
@pytest.mark.parametrize("task", ["tissue", "correspondence"])
def test_number_of_threads_does_not_change_a_prediction(task: str) -> None:
    """One thread, two, and one for each core give the same bytes."""
    photograph = read_photograph(shipped_model("tissue") / EXAMPLE_INPUT)
    found = []
    for number in sorted({1, 2, os.cpu_count() or 1}):
        use_threads(number)
        if task == "tissue":
            found.append(load_segmenter(shipped_model(task), "openvino")(photograph).probabilities.tobytes())
        else:
            predict = load_correspondence_predictor(shipped_model(task), "openvino")
            dense = predict(photograph, VIEWS["trunk_anterior"])
            found.append(b"".join(array.tobytes() for array in (dense.points, dense.sigma, dense.body)))
    assert len(set(found)) == 1


@pytest.mark.usefixtures("restored_threads")
def test_threads_that_are_asked_for_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number goes to OpenVINO, to OpenCV and, by the environment, to processes that are started later."""
    openvino = pytest.importorskip("openvino")
    asked, compiled = [], openvino.Core.compile_model

    def noted(core: object, model: object, device: str, hints: dict[str, object]) -> object:
        asked.append(hints.get("INFERENCE_NUM_THREADS"))
        return compiled(core, model, device, hints)

    monkeypatch.setattr(openvino.Core, "compile_model", noted)
    blueprint, _ = read_blueprint(shipped_model("tissue"))
    assert threads() is None
    for number in (None, 1):
        if number is not None:
            use_threads(number)
            assert (threads(), os.environ[VARIABLE], cv2.getNumThreads()) == (1, "1", 1)
        forward_of(blueprint, "openvino")(np.zeros((1, 3, 32, 32), np.float32), 0)
    assert asked == [None, 1]


@pytest.mark.usefixtures("restored_threads")
def test_networks_of_photographs_side_by_side_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each lane has its part of them, at least one; a process that was told how many to use shares those."""
    monkeypatch.setattr(os, "cpu_count", lambda: 9)
    assert network_threads() is None
    with side_by_side(2):
        assert network_threads() == 4
        use_threads(2)
        assert network_threads() == 1
        with side_by_side(3):
            assert network_threads() == 1
        with side_by_side(1):
            assert network_threads() == 2
    assert network_threads() == 2


@pytest.mark.usefixtures("restored_threads")
def test_linear_algebra_takes_one_thread() -> None:
    """However many threads a process may use, small systems are solved on one."""
    use_threads(2)
    found = [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]
    assert found
    assert set(found) == {1}


@pytest.mark.parametrize("said", ["0", "two", "-1", "1.5", "²"])
def test_a_number_of_threads_that_is_none_is_told(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads are whole numbers from 1 on."""
    monkeypatch.setenv(VARIABLE, said)
    with pytest.raises(InputError, match="no number of threads"):
        threads()
    with pytest.raises(ValueError, match="at least one"):
        use_threads(0)
