"""What the audit finds: anything that is not as it was saved, by row and file."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reepi.core.chart_reading import NewChartReading
from reepi.core.reader_points import NewPoints, ReaderPoint
from reepi.core.reading import NewReading
from reepi.core.registration_decision import NewDecision
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.core.trail import event_hash
from reepi.store.audit import Audit, audit_trail, recorded_head
from reepi.store.charts import ChartStore
from reepi.store.reader_points import PointStore
from reepi.store.reading_database import DATABASE
from reepi.store.readings import ReadingStore
from reepi.store.registrations import RegistrationStore
from reepi.store.signatures import SignatureStore
from reepi.store.study import read_study
from reepi.store.trail import Trail

FILES = ("photos/a.png", "photos/b.png", "photos/c.png")
DAY = date(2024, 3, 5)
CHART = np.array([UNLABELLED, 3, 3, 6], np.uint8)
UPDATE = "UPDATE events SET {0} WHERE number = {1}"
GUARDS = ("events_no_update", "events_no_delete")


def mask(*values: int) -> np.ndarray:
    """Return a mask (64, 96) with a row of each value on intact skin."""
    drawn = np.full((64, 96), Tissue.INTACT, np.uint8)
    for row, value in enumerate(values):
        drawn[row] = value
    return drawn


def read_everything(study: Path, url: str | None = None) -> None:
    """Save 8 events of all kinds: three readings, points, a decision, a chart, a signature, and a reasoned change."""
    readings = ReadingStore(study, url)
    for number, file in enumerate(FILES):
        readings.save(NewReading(file, "Ada", "accepted"), mask(Tissue.DETACHED, number + 2))
    PointStore(study, url).save(NewPoints(FILES[0], "Ada", (ReaderPoint(0.5, 0.5, 3, (1.0, 0.0, 0.0)),)))
    RegistrationStore(study, url).save(NewDecision(FILES[1], "Ada", "refused", "1" * 64, 30.0, "arm"))
    ChartStore(study, url).save(NewChartReading("P1", DAY, "Ada", CHART))
    SignatureStore(study, url).sign("P1", DAY, "Ada", [FILES[0]])
    readings.save(NewReading(FILES[0], "Ada", "corrected", "missed a blister"), mask(Tissue.DETACHED))


@pytest.fixture
def study(study_folder: Callable[..., Path]) -> Path:
    """The study of three photographs of conftest, read and signed: 8 events."""
    folder = study_folder()
    (folder / "photos").mkdir()
    for grey, file in enumerate(FILES):
        Image.fromarray(np.full((64, 96, 3), grey, np.uint8)).save(folder / file)
    read_everything(folder)
    return folder


def audit(study: Path, url: str | None = None, **heads: str) -> Audit:
    return audit_trail(study, read_study(study), Trail(study, url), heads)


def told(study: Path, **heads: str) -> list[str]:
    return list(map(str, audit(study, **heads).findings))


def test_a_chart_of_a_day_without_photographs_is_told(study: Path) -> None:
    """The date of its photographs was corrected: what was painted counts no more, until it is taken back."""
    photos = study / "photos.csv"
    photos.write_text(photos.read_text().replace("2024-03-05", "2024-03-06"))
    problem = "the body chart that Ada painted counts for nothing: photos.csv has none of that day"
    assert told(study) == [f"row 6, P1 2024-03-05: {problem}"]
    ChartStore(study).save(NewChartReading("P1", DAY, "Ada", np.full(4, UNLABELLED, np.uint8), "other day"))
    assert told(study) == []


@pytest.fixture
def meddle(study: Path) -> Iterator[Callable[..., None]]:
    """Do to the data base what its guards forbid, and put them back, as somebody would who hides it."""
    connection = sqlite3.connect(study / DATABASE)
    guards = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    assert set(guards) == set(GUARDS)

    def _meddle(*commands: str) -> None:
        for name in guards:
            connection.execute(f"DROP TRIGGER {name}")
        for command in commands:
            connection.execute(command)
        for command in guards.values():
            connection.execute(command)
        connection.commit()

    yield _meddle
    connection.close()


def forge(study: Path, meddle: Callable[..., None], number: int, **changed: object) -> None:
    """Change a row and put its own hash right, and that of all behind it, as somebody would who knows how."""
    rows = Trail(study).rows()
    before = rows[number - 2].row_sha256 if number > 1 else "0" * 64
    commands = []
    for row in rows[number - 1 :]:
        said = {name: getattr(row, name) for name in ("kind", "subject", "reader", "content", "saved_at")}
        said |= {key: str(value) for key, value in changed.items()} if row.number == number else {}
        digest = event_hash(row.number, row.event_id, *said.values(), before)
        values = {**said, "previous_sha256": before, "row_sha256": digest}
        cells = ", ".join(f"{key} = '{value}'" for key, value in values.items())
        commands.append(UPDATE.format(cells, row.number))
        before = digest
    meddle(*reversed(commands))


def test_what_was_not_touched_holds(study: Path, postgres_url: str) -> None:
    """All kinds of events, in a file and on a server, without a finding; the head is the newest event's hash."""
    found = audit(study)
    assert (found.findings, found.remarks, found.events) == ((), (), 8)
    head = Trail(study).head()
    assert head is not None
    assert found.head == head.sha256
    read_everything(study, postgres_url)
    found = audit(study, postgres_url)
    assert (found.findings, found.events) == ((), 8)


def test_a_study_without_readings_holds(study_folder: Callable[..., Path]) -> None:
    """There is nothing to find, no head, and nothing is created."""
    folder = study_folder()
    assert audit(folder) == Audit(0, "", ())
    assert not (folder / "readings").exists()


@pytest.mark.parametrize("place", [0, 20, -1])
def test_one_byte_of_a_mask_is_found(study: Path, place: int) -> None:
    """Wherever it lies; row and file are named."""
    path = study / str(ReadingStore(study).newest()[0].mask_file)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    (finding,) = told(study)
    assert finding == f"row 2, {path}: the mask was changed since Ada saved it"


def test_a_mask_that_is_gone_is_found(study: Path) -> None:
    """Also one of a reading that another replaced."""
    old = ReadingStore(study).history()[0]
    (study / str(old.mask_file)).unlink()
    (finding,) = told(study)
    assert finding == f"row 1, {study / str(old.mask_file)}: the mask cannot be read"


@pytest.mark.parametrize("column", ["event_id", "kind", "subject", "reader", "content", "saved_at"])
@pytest.mark.parametrize("number", [1, 4, 8])
def test_one_byte_of_a_row_is_found(study: Path, meddle: Callable[..., None], column: str, number: int) -> None:
    """First, middle and last row, each of its columns: the row is named, and no other is blamed."""
    one_up = f"{column} = substr({column}, 1, 3) || char(unicode(substr({column}, 4)) + 1) || substr({column}, 5)"
    meddle(UPDATE.format(one_up, number))
    findings = audit(study).findings
    assert f"row {number}, {study / DATABASE}: was changed" in list(map(str, findings))
    assert {finding.number for finding in findings} <= {number, 7}


def test_a_swapped_order_is_found(study: Path, meddle: Callable[..., None]) -> None:
    """Both rows are named."""
    meddle(*(UPDATE.format(f"number = {new}", old) for old, new in ((2, 99), (3, 2), (99, 3))))
    found = told(study)
    for number in (2, 3):
        assert f"row {number}, {study / DATABASE}: was changed" in found


def test_a_row_removed_in_the_middle_is_found(study: Path, meddle: Callable[..., None]) -> None:
    """Also where the rows behind it move up."""
    meddle("DELETE FROM events WHERE number = 5")
    assert f"row 6, {study / DATABASE}: follows row 4: row 5 is missing" in told(study)
    meddle(*(UPDATE.format(f"number = {number - 1}", number) for number in (6, 7, 8)))
    assert f"row 5, {study / DATABASE}: was changed" in told(study)


def test_a_removed_end_is_found_by_a_head_that_was_written_down(study: Path, meddle: Callable[..., None]) -> None:
    """The trail itself is whole without its end; who wrote the head down knows better, whatever came after."""
    written_down = audit(study).head
    ReadingStore(study).save(NewReading(FILES[1], "Ben", "accepted"), mask())
    assert told(study, noted=written_down) == []
    meddle("DELETE FROM events WHERE number >= 8")
    assert told(study) == []
    (finding,) = told(study, noted=written_down)
    assert f"holds no event {written_down}, which noted names" in finding
    # The masks of what was removed are still there: no proof, but worth a look.
    assert ["no event names this mask" in str(remark) for remark in audit(study).remarks] == [True, True]


def test_a_head_may_be_given_by_its_beginning(study: Path) -> None:
    """As long as chance cannot hit it; capitals and blanks do no harm."""
    head = audit(study).head
    assert told(study, noted=f" {head[:16].upper()} ") == []
    assert len(told(study, noted=head[:15])) == len(told(study, noted="")) == 1


def test_a_trail_written_anew_is_found_by_its_head(study: Path, meddle: Callable[..., None]) -> None:
    """Who changes a row and puts all hashes behind it right is found only by a head that lies elsewhere."""
    head, row = audit(study).head, Trail(study).rows()[4]
    content = row.content.replace("arm", "leg")
    forge(study, meddle, 5, content=content)
    assert [finding for finding in told(study) if "signed" not in finding] == []
    assert len([finding for finding in told(study, noted=head) if "written anew" in finding]) == 1


def test_a_record_of_a_run_names_a_head(study: Path, tmp_path: Path) -> None:
    """As `run_record` writes it; a record that is not there, damaged or of another version names none."""
    path = tmp_path / "run.json"
    assert recorded_head(path) == ""
    for text, head in (('{"trail": {"head": "abc"}}', "abc"), ('{"trail": []}', ""), ("{", ""), ("[]", "")):
        path.write_text(text)
        assert recorded_head(path) == head


@pytest.mark.parametrize(
    ("number", "change", "problem"),
    [
        (1, {"state": "done"}, "its content cannot be read"),
        (1, {"tissue_pixels": {"1": 5}}, "its pixels are not those that were counted"),
        (1, {"mask_file": "../../etc/passwd"}, "it leaves the study folder"),
        (1, {"mask_sha256": "0" * 64}, "the mask was changed since Ada saved it"),
        (4, {"points": [{"x": 2}]}, "its content cannot be read"),
        (5, {"verdict": "maybe"}, "its content cannot be read"),
        (6, {"runs": [[0, 9, 3]]}, "its content cannot be read"),
        (6, {"n_faces": 10**12}, "its content cannot be read"),
        (7, {"signed": ["0" * 64]}, "signed what is not in the trail before"),
        (8, {"reason": ""}, "Ada changed it after signing (row 7) without a reason"),
        (8, {"photograph_sha256": "0" * 64}, "the photograph that Ada saw was changed"),
    ],
)
def test_a_forged_content_is_found(
    study: Path, meddle: Callable[..., None], number: int, change: dict[str, object], problem: str
) -> None:
    """Even where all hashes were put right: what it says must be possible, and agree with masks and photographs."""
    content = json.loads(Trail(study).rows()[number - 1].content) | change
    forge(study, meddle, number, content=json.dumps(content, sort_keys=True, separators=(",", ":")))
    found = audit(study).findings
    assert [finding.number for finding in found if problem in finding.problem] == [number]


def test_what_the_study_does_not_know_is_found(study: Path, meddle: Callable[..., None]) -> None:
    """A photograph off the list, a patient off the list, an adjudicator whom study.toml does not name."""
    lines = (study / "photos.csv").read_text().splitlines(keepends=True)
    (study / "photos.csv").write_text("".join(line for line in lines if "b.png" not in line))
    with (study / "study.toml").open("a") as file:
        file.write('\n[reading]\nadjudicators = ["Eva"]\n')
    readings = ReadingStore(study)
    readings.save(NewReading(FILES[2], "Eva", "accepted", role="adjudicator"), mask())
    readings.save(NewReading(FILES[2], "Ben", "accepted", role="adjudicator"), mask())
    ChartStore(study).save(NewChartReading("P9", DAY, "Ada", CHART))
    assert told(study) == [
        "row 2, photos/b.png: it is not in photos.csv",
        "row 5, photos/b.png: it is not in photos.csv",
        "row 10, photos/c.png: Ben decided as adjudicator, but study.toml names only Eva",
        "row 11, P9 2024-03-05: its patient is not in patients.csv",
    ]


def test_a_changed_photograph_is_found_until_it_is_read_again(study: Path) -> None:
    """Every newest event that speaks of the old one is named; a missing photograph too."""
    Image.fromarray(np.full((64, 96, 3), 200, np.uint8)).save(study / FILES[2])
    (study / FILES[1]).unlink()
    assert told(study) == [
        "row 2, photos/b.png: the photograph that Ada saw cannot be read (missing)",
        "row 3, photos/c.png: the photograph that Ada saw was changed",
        "row 5, photos/b.png: the photograph that Ada saw cannot be read (missing)",
    ]
    ReadingStore(study).save(NewReading(FILES[2], "Ada", "accepted"), mask())
    assert not any("c.png" in finding for finding in told(study))


def test_a_guard_taken_away_is_found(study: Path) -> None:
    """Whether or not anything was done behind it."""
    connection = sqlite3.connect(study / DATABASE)
    connection.execute("DROP TRIGGER events_no_update")
    connection.commit()
    connection.close()
    assert told(study) == [f"{study / DATABASE}: the data base no longer refuses to UPDATE events"]


def test_a_lost_data_base_is_found_by_its_head(study: Path) -> None:
    """Nothing is left to read, but the masks and the head remember."""
    head = audit(study).head
    (study / DATABASE).unlink()
    found = audit(study, noted=head)
    assert (len(found.findings), len(found.remarks), found.events) == (1, 4, 0)


def test_the_audit_changes_nothing(study: Path) -> None:
    """Not a byte of the study folder."""
    before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file()}
    audit(study)
    assert {path: path.read_bytes() for path in study.rglob("*") if path.is_file()} == before
    assert replace(audit(study)) == audit(study)
