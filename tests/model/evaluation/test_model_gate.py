"""The gate: a new model passes where it is not worse beyond a margin on the same photographs, and only then is kept."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from reepi.cli import app
from reepi.core.errors import InputError
from reepi.core.images import Mask, Photograph, TissueMap
from reepi.model.architecture import ARCHITECTURES
from reepi.model.card import Card, read_card
from reepi.model.data.datasets import read_datasets
from reepi.model.engines import torch_forward
from reepi.model.evaluation.gate import AREA, DICE, Compared, Gate, Margins, compare_models, judged
from reepi.model.evaluation.succession import PASSED, succeed
from reepi.model.folder import EXAMPLE_EXPECTED, EXAMPLE_INPUT, read_model, write_model
from reepi.model.network import build_network

Segment = Callable[[Photograph], TissueMap]
PIXELS = 96 * 72


def true_mask(photograph: Photograph) -> Mask:
    """Return the tissues of a photograph of squares, told by its colours: green ground, pale skin, red wound."""
    red, green, _ = np.moveaxis(photograph.pixels.astype(int), -1, 0)
    return np.select([(red > 110) & (green < 90), red > 110], [4, 1], 0).astype(np.uint8)


def right(photograph: Photograph) -> TissueMap:
    return TissueMap.from_mask(true_mask(photograph))


def blind(photograph: Photograph) -> TissueMap:
    """Take every wound for skin."""
    return TissueMap.from_mask(np.minimum(true_mask(photograph), 1).astype(np.uint8))


def beside(photograph: Photograph) -> TissueMap:
    """See the whole picture moved: every area is right, every place is not."""
    return TissueMap.from_mask(np.roll(true_mask(photograph), 8, axis=1))


def verdicts(gate: Gate) -> dict[tuple[str, str], str]:
    return {(row.tissue, row.measure): row.verdict for row in gate.rows}


@pytest.fixture
def dozens(make_squares: Callable[..., Path], tmp_path: Path) -> Path:
    """Thirty photographs, seven of them for the test, each of another patient."""
    return make_squares(tmp_path / "dozens", 30)


def test_photographs_without_a_label_prove_nothing(squares: Path) -> None:
    """A model that was compared on nothing does not pass."""
    cv2.imwrite(str(squares / "masks" / "p003.png"), np.full((96, 72), 255, np.uint8))
    with pytest.raises(InputError, match="no test photograph has a label"):
        compare_models(right, blind, read_datasets([squares]))


def test_same_model_is_not_worse(dozens: Path) -> None:
    """Without a difference there is no doubt: every interval is zero wide."""
    gate = compare_models(right, right, read_datasets([dozens]))
    assert gate.passes(strict=True)
    assert {(row.difference, row.low, row.high, row.verdict) for row in gate.rows} == {(0, 0, 0, "not worse")}
    # Of the tissues that the masks only rule out, there are false alarms to compare, and no overlap.
    assert [row.measure for row in gate.rows] == [AREA] * 7 + [DICE] * 3
    assert gate.photographs == 7


def test_few_patients_leave_it_unsure(squares: Path) -> None:
    """One patient's photographs tell nothing of others, however alike two models are on them."""
    (squares / "samples.csv").write_text("stem,patient_id,split\n" + "".join(f"p00{n},a,test\n" for n in range(4)))
    gate = compare_models(right, right, read_datasets([squares]))
    assert {(row.interval, row.verdict) for row in gate.rows} == {("none", "unsure")}
    assert gate.passes()
    assert not gate.passes(strict=True)


def test_alarms_count_where_the_labels_only_rule_a_tissue_out(dozens: Path) -> None:
    """Masks that know no wounds still say of the skin that it is none: who finds all of it detached is refused."""
    (dozens / "dataset.toml").write_text(
        (dozens / "dataset.toml").read_text().split("[values]")[0] + '[values]\n0 = "background"\n'
        '1 = ["intact", "erythema"]\n4 = "unlabelled"\n'
    )

    def alarmed(photograph: Photograph) -> TissueMap:
        return TissueMap.from_mask(np.where(true_mask(photograph) == 1, 4, true_mask(photograph)).astype(np.uint8))

    gate = compare_models(right, alarmed, read_datasets([dozens]))
    assert verdicts(gate)["detached", AREA] == "worse"
    assert not gate.passes()


def test_model_that_misses_wounds_is_refused(dozens: Path) -> None:
    """The area error grows by the wound's share of the photograph, and Dice falls to nothing; the way back passes."""
    datasets = read_datasets([dozens])
    gate = compare_models(right, blind, datasets)
    assert not gate.passes()
    assert verdicts(gate)["detached", AREA] == verdicts(gate)["detached", DICE] == "worse"
    row = next(row for row in gate.rows if (row.tissue, row.measure) == ("detached", AREA))
    wounds = [(sample.read_mask() == 4).sum() for sample in datasets[0].of_split("test")]
    assert row.difference == pytest.approx(100 * np.mean(wounds) / PIXELS, abs=0.3)
    assert compare_models(blind, right, datasets).passes()
    assert verdicts(compare_models(blind, right, datasets))["detached", AREA] == "better"


def test_right_area_at_the_wrong_place_is_refused_by_dice(dozens: Path) -> None:
    """Area comes first, but it is not everything."""
    found = verdicts(compare_models(right, beside, read_datasets([dozens])))
    assert found["detached", AREA] == "not worse"
    assert found["detached", DICE] == "worse"


def test_margins_decide(dozens: Path) -> None:
    """What is beyond one margin is within a wider one."""
    datasets = read_datasets([dozens])
    assert compare_models(right, blind, datasets, margins=Margins(area=100, dice=1)).passes()


@pytest.mark.parametrize(
    ("harm", "most", "verdict"),
    [(-2, -1, "better"), (-1, 0.5, "not worse"), (0.9, 1.0, "not worse"), (0.5, 3, "unsure"), (1.1, 3, "worse")],
)
def test_verdict_of_a_harm_and_its_interval(harm: float, most: float, verdict: str) -> None:
    """Against a margin of 1."""
    assert judged(harm, most, 1.0) == verdict


def test_unsure_passes_unless_strict() -> None:
    """A small set cannot prove much; who wants proof asks for it."""
    row = Compared("d", "detached", AREA, 1, 1.1, -0.2, 0.5, "unsure", 3)
    gate = Gate((row,), "0", 3)
    assert gate.passes()
    assert not gate.passes(strict=True)


def test_frozen_set_is_known_by_its_content(dozens: Path, tmp_path: Path) -> None:
    """Where it lies does not matter; one photograph, mask or split that changes does."""
    first = compare_models(right, right, read_datasets([dozens])).frozen
    moved = shutil.copytree(dozens, tmp_path / "elsewhere")
    assert compare_models(right, right, read_datasets([moved])).frozen == first
    shutil.copy(dozens / "masks" / "p007.png", dozens / "masks" / "p003.png")
    assert compare_models(right, right, read_datasets([dozens])).frozen != first


def test_nothing_to_compare_on_is_told(squares: Path) -> None:
    """A split without photographs is a wrong call."""
    (squares / "samples.csv").write_text("stem,patient_id,split\n" + "".join(f"p00{n},a,train\n" for n in range(4)))
    with pytest.raises(InputError, match="no photographs in the split test"):
        compare_models(right, right, read_datasets([squares]))


def call(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["gate", *map(str, words)])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def models(squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Folders of a new model that misses wounds and an old one that is right and has an example photograph."""
    for name in ("new", "old"):
        write_model(tmp_path / name, build_network("tissue"), Card(name, "tissue", ARCHITECTURES["tissue"], 64))
    shutil.copy(squares / "images" / "p000.jpg", tmp_path / "old" / EXAMPLE_INPUT)
    segmenters = {tmp_path / "new": blind, tmp_path / "old": right}
    monkeypatch.setattr("reepi.model.inference.load_segmenter", lambda folder: segmenters[folder])
    # Converting networks costs seconds, and engines are tested elsewhere.
    monkeypatch.setattr("reepi.model.evaluation.succession.forward_of", lambda network, engine: torch_forward(network))
    return tmp_path / "new", tmp_path / "old"


def test_command_prints_and_writes(squares: Path, models: tuple[Path, Path], tmp_path: Path) -> None:
    """Within wide margins the new network takes the place of the old; table and hash are told."""
    (new, old), table = models, tmp_path / "gate.csv"
    wide = ("--margin-area", 100, "--margin-dice", 1)
    status, out, _ = call(new, squares, "--against", old, *wide, "--out", table, "--write")
    assert status == 0
    assert "the new model passes" in out
    rows = list(csv.DictReader(table.open()))
    assert {row["measure"] for row in rows} == {AREA, DICE}
    assert f"frozen set {rows[0]['frozen_set']}: 1 photographs, split test" in out
    assert read_card(old).sha256 == read_card(new).sha256


def test_refused_model_changes_nothing(squares: Path, models: tuple[Path, Path]) -> None:
    """Exit 1, and every file of the old model is as it was."""
    new, old = models
    before = {path.name: path.read_bytes() for path in old.iterdir()}
    status, out, _ = call(new, squares, "--against", old, "--write")
    assert status == 1
    assert "the new model is refused" in out
    assert {path.name: path.read_bytes() for path in old.iterdir()} == before


def test_another_set_than_the_frozen_one_is_refused(squares: Path, models: tuple[Path, Path]) -> None:
    """Before anything is measured, and with the hash that was found."""
    status, _, err = call(models[0], squares, "--against", models[1], "--frozen", "abc")
    assert status == 2
    assert "not abc" in err


def test_successor_takes_the_whole_place(models: tuple[Path, Path]) -> None:
    """Weights, card and page are the new model's, the name stays, and the example is shown to the new one."""
    new, old = models
    gone = read_card(old).sha256
    row = Compared("d", "detached", AREA, 1.0, 0.5, -0.75, -0.25, "better", 3)
    succeed(new, old, Gate((row,), "f00d", 3), "reepi gate new d --write")
    card = read_model(old)[1]
    assert card.name == "old"
    assert card.sha256 == read_card(new).sha256 != gone
    assert card.measured[PASSED]["frozen set"] == "f00d"
    assert card.measured[PASSED]["weights before"] == gone
    assert card.measured[PASSED][f"d detached {AREA}, new - old"] == "-0.500 (-0.750 to -0.250), better"
    assert {path.name for path in old.iterdir()} >= {EXAMPLE_INPUT, EXAMPLE_EXPECTED, "README.md"}
    assert not [path for path in old.parent.iterdir() if path.name.endswith(".part")]
