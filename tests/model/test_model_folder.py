"""Model folders: what is written is read again, and what was changed is refused."""

import math
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.errors import InputError
from reepi.model.card import Calibration, Card, TrainingSource, card_text, read_card
from reepi.model.folder import WEIGHTS, exchange, read_model, replace_files, write_model, write_whole
from reepi.model.network import ARCHITECTURES, build_network
from reepi.model.publishing import readme_text


def card(**changes: object) -> Card:
    given_card = {"name": "x", "task": "tissue", "architecture": ARCHITECTURES["tissue"], "long_side": 512}
    return Card(**{**given_card, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("task", ["tissue", "correspondence"])
def test_weights_come_back_to_the_bit(tmp_path: Path, task: str) -> None:
    """Write, read, and compare every tensor."""
    network = build_network(task)  # type: ignore[arg-type]
    write_model(tmp_path, network, card(task=task, architecture=ARCHITECTURES[task]))  # type: ignore[index]
    again, written = read_model(tmp_path)
    assert written.task == task
    assert all(torch.equal(tensor, again.state_dict()[name]) for name, tensor in network.state_dict().items())
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".part"]


def test_other_files_stay_and_both_files_change_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is killed before the folders change places leaves the earlier model; after that, the new one."""
    folder = tmp_path / "model"
    first = write_model(folder, build_network("tissue"), card())
    (folder / "note.txt").write_text("mine")

    def killed(prepared: Path, there: Path) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("reepi.model.folder.exchange", killed)
        with pytest.raises(KeyboardInterrupt):
            write_model(folder, build_network("tissue"), card())
    assert read_model(folder)[1].sha256 == first.sha256
    second = write_model(folder, build_network("tissue"), card())
    assert read_model(folder)[1].sha256 == second.sha256 != first.sha256
    assert (folder / "note.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_system_that_cannot_exchange_folders_replaces_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other; what is there in the end is the same."""
    monkeypatch.setattr("reepi.model.folder.exchange", lambda first, second: False)
    for _ in range(2):
        written = write_model(tmp_path / "model", build_network("tissue"), card())
        assert read_model(tmp_path / "model")[1].sha256 == written.sha256


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is known to exchange folders")
def test_folders_exchange_their_names(tmp_path: Path) -> None:
    """Each name leads to the other's files afterwards."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert exchange(tmp_path / "a", tmp_path / "b")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]
    assert not exchange(tmp_path / "a", tmp_path / "nowhere")


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    """The hash of the card guards the weights."""
    write_model(tmp_path, build_network("tissue"), card())
    content = bytearray((tmp_path / WEIGHTS).read_bytes())
    content[-1] ^= 1
    (tmp_path / WEIGHTS).write_bytes(content)
    with pytest.raises(InputError, match="hash"):
        read_model(tmp_path)


def test_missing_parts_are_named(tmp_path: Path) -> None:
    """No card, then no weights."""
    with pytest.raises(InputError, match=r"card\.toml"):
        read_model(tmp_path)
    write_model(tmp_path, build_network("tissue"), card())
    (tmp_path / WEIGHTS).unlink()
    with pytest.raises(InputError, match="weights"):
        read_model(tmp_path)


@given(st.text(st.characters(exclude_categories=("Cs",))), st.floats(0.1, 5), st.integers(0, 9))
def test_card_survives_its_file(text: str, value: float, count: int) -> None:
    """Any name, licence and figure come back as they were, whatever characters are in them."""
    source = TrainingSource(text, text, text, count)
    original = card(
        name=text,
        calibration=Calibration(value, {"intact": value}, {"open": value}),
        sources=(source,),
        command=text,
        sha256="ab",
        started_from=text,
    )
    original = original.with_measured(text or "t", {text or "f": value, "word": text})
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "card.toml").write_text(card_text(original), encoding="utf-8")
        assert read_card(Path(folder)) == original


def test_a_call_in_no_encoding_makes_a_card_all_the_same(tmp_path: Path) -> None:
    """The system may hand over bytes that are no text."""
    replace_files(tmp_path / "m", {"card.toml": card_text(card(sha256="0", command="reepi train da\udcffta")).encode()})
    assert read_card(tmp_path / "m").command == "reepi train da?ta"


def test_numbers_that_are_none_are_kept(tmp_path: Path) -> None:
    """A figure that could not be measured stays nan."""
    (tmp_path / "card.toml").write_text(card_text(card(sha256="0").with_measured("t", {"f": math.nan})))
    assert math.isnan(float(read_card(tmp_path).measured["t"]["f"]))


@pytest.mark.parametrize(
    ("licence", "binds"),
    [
        *((each, True) for each in ("CC BY NC 4.0", "CC-BY-NC-SA", "non-commercial research only", "NonCommercial")),
        *((each, True) for each in ("CC BY\u2010NC", "Non\u2011commercial", "non_commercial", "BY-NC4.0")),
        *((each, True) for each in ("not for commercial use", "no commercial use", "commercial use is prohibited")),
        *((each, True) for each in ("for research use only", "academic use only", "only for teaching and research")),
        *((each, False) for each in ("Apache-2.0", "MIT, in sync with upstream", "CC-BY-4.0", "INCLUDED")),
        *(
            (each, False)
            for each in ("NC State University, CC BY 4.0", "CC0, collected for research", "read only, MIT")
        ),
        *((each, False) for each in ("no restriction of commercial use", "not known; commercial use allowed")),
    ],
)
def test_licences_that_forbid_commercial_use_are_known_in_any_spelling(licence: str, binds: bool) -> None:
    assert card(sources=(TrainingSource("a", "b", licence, 1),)).non_commercial is binds


def test_non_commercial_sources_bind_the_model() -> None:
    """One source with an NC licence is enough, and the page says so."""
    free, bound = TrainingSource("a", "b", "Apache-2.0", 1), TrainingSource("c", "d", "CC-BY-NC-4.0", 1)
    assert not card(sources=(free,)).non_commercial
    assert card(sources=(free, bound)).non_commercial
    assert "Not for commercial use" in readme_text(card(sources=(free, bound)))
    assert "Not for commercial use" not in readme_text(card(sources=(free,)))


def test_what_bound_the_ancestor_binds_the_model() -> None:
    """Its sources and their licences are carried on, each once, and its weights are named."""
    free, bound = TrainingSource("a", "b", "Apache-2.0", 1), TrainingSource("c", "d", "CC-BY-NC-4.0", 1)
    heir = card(sources=(free,)).after(card(sources=(free, bound), sha256="ab"))
    assert heir.sources == (free, bound)
    assert heir.non_commercial
    assert "went on from the weights with sha256 `ab`" in readme_text(heir)


def test_page_shows_every_figure_of_the_card() -> None:
    """People read what the card holds."""
    page = readme_text(card().with_measured("set, test", {"detached pooled Dice": 0.8125}))
    assert "| detached pooled Dice | 0.8125 |" in page


def test_what_cannot_be_written_has_the_name_that_was_given(tmp_path: Path) -> None:
    """Neither a file nor a whole folder is told of under the name of a temporary file."""
    (tmp_path / "taken").touch()
    for write in (lambda path: write_whole(path, b""), lambda path: replace_files(path, {"a": b""})):
        with pytest.raises(FileExistsError) as raised:
            write(tmp_path / "taken" / "new")
        assert raised.value.filename == str(tmp_path / "taken" / "new")


def test_file_of_the_folders_name_stays(tmp_path: Path) -> None:
    """A folder would take its place, and the file would be gone."""
    file = tmp_path / "thesis.docx"
    file.write_text("two years of work")
    with pytest.raises(NotADirectoryError) as raised:
        replace_files(file, {"a": b""})
    assert raised.value.filename == str(file)
    assert file.read_text() == "two years of work"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


@pytest.mark.parametrize("there", [True, False])
def test_link_to_a_folder_stays_a_link(tmp_path: Path, there: bool) -> None:
    """What it leads to is what changes, also where that is not there yet."""
    target, link = tmp_path / "target", tmp_path / "link"
    if there:
        target.mkdir()
    link.symlink_to(target)
    replace_files(link, {"a": b"new"})
    assert link.is_symlink()
    assert (target / "a").read_bytes() == b"new"
