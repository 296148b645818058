"""``reepi add``: the table, what is asked, what is added, and the exit statuses."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from reepi.cli import app, incoming
from reepi.core.views import VIEW_NAMES
from reepi.store.study import read_study

Run = Callable[..., Result]


class Seen:
    """A prediction that names the back of the trunk, whatever it sees."""

    views = {name: float(name == "trunk_posterior") for name in VIEW_NAMES}  # noqa: RUF012


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command with a network that sees backs."""
    monkeypatch.setattr(incoming, "body_predictor", lambda model: lambda: lambda photograph, view: Seen())
    return lambda *arguments, answer=None: CliRunner().invoke(app, ["add", *map(str, arguments)], input=answer)


@pytest.fixture
def study(study_folder: Callable[..., Path]) -> Path:
    """A study of two patients without photographs."""
    return study_folder(photos="")


@pytest.fixture
def card(tmp_path: Path, painted_pictures: dict[str, bytes]) -> Path:
    """A memory card: one photograph that its names tell, one of which they leave the view open."""
    folder = tmp_path / "card" / "P1" / "day 5"
    folder.mkdir(parents=True)
    (folder / "corps entier face.png").write_bytes(painted_pictures["a.png"])
    (folder / "IMG_0002.png").write_bytes(painted_pictures["c.png"])
    return tmp_path / "card"


def listed(study: Path) -> list[tuple[str, str, str]]:
    return [
        (e.patient_id, e.taken_at.date().isoformat(), e.view_name) for e in read_study(study, may_be_empty=True).photos
    ]


SURE = ("P1", "2024-03-10", "whole_anterior")
GUESSED = ("P1", "2024-03-10", "trunk_posterior")


class TestAsking:
    @pytest.mark.parametrize(
        ("answer", "added", "status"), [("a", [GUESSED, SURE], 0), ("s", [SURE], 1), ("n", [], 1), ("", [], 1)]
    )
    def test_the_answer_decides(
        self, run: Run, study: Path, card: Path, answer: str, added: list[tuple[str, str, str]], status: int
    ) -> None:
        """All, what is sure, or nothing; nothing also where somebody only presses enter."""
        result = run(study, card, answer=f"{answer}\n")
        assert result.exit_code == status, result.output
        assert sorted(listed(study)) == sorted(added)

    def test_the_table_marks_guesses(self, run: Run, study: Path, card: Path) -> None:
        result = run(study, card, "--dry-run")
        assert "trunk_posterior?" in result.stdout
        assert "by the picture, 100 %" in result.stdout
        assert "whole_anterior?" not in result.stdout
        assert "2 photographs: 1 sure, 1 to confirm" in result.stdout

    def test_nobody_answers(self, run: Run, study: Path, card: Path) -> None:
        """Without an answer nothing is added."""
        result = run(study, card, answer=None)
        assert result.exit_code == 1
        assert listed(study) == []


class TestOptions:
    def test_yes_adds_what_is_sure(self, run: Run, study: Path, card: Path) -> None:
        assert run(study, card, "--yes").exit_code == 1
        assert listed(study) == [SURE]

    @pytest.mark.parametrize(("files", "status"), [("", 1), ("corps entier face.png", 0), ("IMG_0002.png", 1)])
    def test_a_dry_run_ends_as_the_real_one_does(
        self, run: Run, study: Path, card: Path, files: str, status: int
    ) -> None:
        """1 where something is left out, with or without --yes: a script asks so before it adds."""
        chosen = card / "P1" / "day 5" / files
        for options in (["--dry-run"], ["--dry-run", "--yes"], ["--yes"]):
            assert run(study, chosen, *options).exit_code == status, options

    def test_stated_values_need_no_question(self, run: Run, study: Path, card: Path) -> None:
        file = card / "P1" / "day 5" / "IMG_0002.png"
        result = run(
            study, file, "--yes", "--patient", "P2", "--view", "whole_posterior", "--taken-at", "2024-04-02T10:00"
        )
        assert result.exit_code == 0
        assert listed(study) == [("P2", "2024-04-02", "whole_posterior")]

    @pytest.mark.parametrize("option", ["--dry-run", "--table"])
    def test_looking_writes_nothing_into_the_study(
        self, run: Run, study: Path, card: Path, tmp_path: Path, option: str
    ) -> None:
        before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file()}
        run(study, card, option, *([tmp_path / "plan.csv"] if option == "--table" else []))
        assert {path: path.read_bytes() for path in study.rglob("*") if path.is_file()} == before

    def test_a_table_goes_round(self, run: Run, study: Path, card: Path, tmp_path: Path) -> None:
        """Written, corrected by hand, applied; a second time nothing is left to do."""
        plan = tmp_path / "plan.csv"
        assert run(study, card, "--table", plan).exit_code == 0
        assert run(study, "--from-table", plan).exit_code == 2
        plan.write_text(plan.read_text().replace("\n,", "\nyes,").replace("trunk_posterior", "buttocks_posterior"))
        assert run(study, "--from-table", plan).exit_code == 0
        assert {view for _, _, view in listed(study)} == {"whole_anterior", "buttocks_posterior"}
        assert run(study, "--from-table", plan).exit_code == 0
        assert len(listed(study)) == 2

    @pytest.mark.parametrize("ending", ["HIF", "jfif", "nrw", "crw", "x3f"])
    def test_further_endings_of_photographs(
        self, run: Run, study: Path, card: Path, painted_pictures: dict[str, bytes], ending: str
    ) -> None:
        """Files are told by content; of a folder they are taken by their endings, those of cameras and browsers."""
        (card / "P1" / "day 5" / f"left arm front.{ending}").write_bytes(painted_pictures["b.png"])
        run(study, card, "--yes")
        assert sorted(listed(study)) == [("P1", "2024-03-10", "arm_left_anterior"), SURE]

    def test_what_is_passed_over_is_told(self, run: Run, study: Path, card: Path) -> None:
        """How many files, and their endings, once; what is hidden is not counted."""
        for name in ("a.mov", "b.MOV", "notes", ".hidden.mov"):
            (card / name).touch()
        result = run(study, card, "--dry-run")
        told = "Passed over, as no photographs by their endings: 3 files (without ending, .mov)."
        assert result.stderr.count(told) == 1
        assert "Passed over" not in run(study, card / "P1", "--dry-run").stderr

    def test_no_look_leaves_the_view_open(self, run: Run, study: Path, card: Path) -> None:
        result = run(study, card, "--no-look", answer="a\n")
        assert "trunk_posterior" not in result.stdout
        assert listed(study) == [SURE]


class TestAgain:
    def test_what_is_there_is_told_and_left(self, run: Run, study: Path, card: Path) -> None:
        run(study, card, answer="a\n")
        result = run(study, card, "--yes")
        assert result.exit_code == 0
        assert "2 there already" in result.stdout
        assert len(listed(study)) == 2

    def test_another_format_of_what_is_there_is_no_further_picture(
        self, run: Run, study: Path, card: Path, painted_pictures: dict[str, bytes]
    ) -> None:
        """Saved as JPEG beside the PNG that is in the study; the PNG is there already, as whose it is."""
        run(study, card, "--yes")
        handier = card / "P1" / "day 5" / "corps entier face.jpg"
        Image.open(io.BytesIO(painted_pictures["a.png"])).save(handier)
        result = run(study, card, "--yes")
        assert "another patient" not in result.stdout
        assert "1 to confirm (marked ?), 1 there already (=), 1 that cannot be added (!)" in result.stdout
        assert listed(study) == [SURE]

    def test_originals_are_never_changed(self, run: Run, study: Path, card: Path) -> None:
        before = {path: path.read_bytes() for path in card.rglob("*.png")}
        run(study, card, answer="a\n")
        assert {path: path.read_bytes() for path in card.rglob("*.png")} == before


class TestWrongCalls:
    def test_no_study_says_what_to_write(self, run: Run, card: Path, tmp_path: Path) -> None:
        result = run(tmp_path / "new", card)
        assert result.exit_code == 2
        assert all(
            word in result.stderr for word in ("study.toml", "[study]", "day_zero", "patients.csv", "patient_id,sex")
        )

    def test_all_faults_of_the_call(self, run: Run, study: Path, card: Path) -> None:
        result = run(study, card, "--patient", "P9", "--view", "trunk_lef", "--taken-at", "yesterday")
        assert result.exit_code == 2
        assert all(word in result.stderr for word in ("P9", "Did you mean trunk_left", "yesterday"))

    def test_a_new_patient_is_refused_with_what_to_do(self, run: Run, study: Path, card: Path) -> None:
        (card / "P1").rename(card / "P8")
        result = run(study, card, "--yes")
        assert result.exit_code == 1
        assert "P8 is not in" in result.stdout
        assert listed(study) == []

    @pytest.mark.parametrize("name", ["patients.csv", "photos.csv", "clinical.csv", "plan.csv"])
    def test_a_table_overwrites_nothing(self, run: Run, study: Path, card: Path, name: str) -> None:
        """Neither what somebody corrected nor the study's own tables, which may not be there yet."""
        plan = study / name if name != "plan.csv" else card.parent / name
        if name in ("patients.csv", "plan.csv"):
            plan.touch()
        before = plan.read_bytes() if plan.exists() else None
        result = run(study, card, "--table", plan)
        assert result.exit_code == 2
        assert "another file" in result.stderr
        assert ("--from-table" in result.stderr) == (name == "plan.csv")
        assert (plan.read_bytes() if plan.exists() else None) == before

    def test_nothing_named(self, run: Run, study: Path) -> None:
        assert run(study).exit_code == 2
        assert run(study, "--from-table", "x.csv", "--view", "trunk_left").exit_code == 2
