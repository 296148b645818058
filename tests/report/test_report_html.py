"""The report as its reader gets it: complete, offline, running its own program alone, whatever the study's names."""

import base64
import hashlib
import html as html_lib
import io
import json
import re
import shutil
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from PIL import Image

from reepi.body.charts import Chart
from reepi.core.errors import InputError
from reepi.core.measured import MeasuredPhotograph
from reepi.core.regions import REGIONS
from reepi.core.results import COHORT, DisagreementRow, EndpointRow, PhotoRow
from reepi.core.surface import Origin, SurfaceMap
from reepi.core.tissue import Tissue
from reepi.imaging.reading import read_photograph
from reepi.imaging.writing import encode_small
from reepi.report import pictures, surface_origins, write_report
from reepi.scoring.endpoints import score_patient
from reepi.scoring.skin import Skin
from reepi.scoring.visits import Visit
from reepi.store.freezing import Freeze, write_freeze
from reepi.store.results import ResultsFolder
from reepi.store.study import read_study

DAY_ZERO = date(2024, 3, 5)
N = len(REGIONS)
FAN_VERTICES = [[0, 0, 0], *([i, 1, 0] for i in range(N + 1))]
FAN_FACES = [[0, i + 1, i + 2] for i in range(N)]

STUDY = {
    "study.toml": '[study]\nname = "Two patients"\nday_zero = "infusion"\nvisit_days = [0, 5]\n',
    "patients.csv": "patient_id,sex,age_years,height_cm,weight_kg,index_date,day_zero_date\n"
    "P1,F,40,165,62,2024-03-01,2024-03-05\nP2,M,67,178,80.5,2024-04-01,\n",
    "photos.csv": "file,patient_id,taken_at,view\nphotos/a.png,P1,2024-03-05T09:30:00,whole_anterior\n"
    "photos/b.png,P1,2024-03-10,whole_anterior\nphotos/c.png,P2,2024-04-03,trunk_posterior\n",
}
"""A study of two patients, the second with one photograph that cannot be read."""


@dataclass(frozen=True)
class FlatTemplate:
    """A body of one triangle a region."""

    regions: np.ndarray
    n_faces: int = N

    @property
    def vertices(self) -> np.ndarray:
        return np.array(FAN_VERTICES, float) / N

    @property
    def faces(self) -> np.ndarray:
        return np.array(FAN_FACES, np.int32)

    def shares(self, table: str, age_years: float) -> np.ndarray:
        return np.full(N, 100 / N)


class Page(HTMLParser):
    """What a browser would find in a report."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module", autouse=True)
def flat_body() -> Iterator[None]:
    """Draw a body of squares in place of the fitted one."""
    faces = np.repeat(np.arange(N, dtype=np.int32)[None], 8, axis=0)
    chart = Chart("any", faces, np.zeros(faces.shape, np.int8), np.zeros(faces.shape, bool))
    with pytest.MonkeyPatch.context() as patch:
        for module in (pictures, surface_origins):
            patch.setattr(module, "build_template", lambda patient: FlatTemplate(np.arange(N, dtype=np.int8)))
        patch.setattr(pictures, "body_charts", lambda template: dict.fromkeys(pictures.CHART_TITLES, chart))
        yield


def surface(opened: int | None) -> SurfaceMap:
    """Return a body with so many regions open, and the last one unseen; None is one that nobody saw."""
    if opened is None:
        return SurfaceMap.unseen(N)
    tissue = np.zeros((N, len(Tissue)), np.float32)
    tissue[:, Tissue.INTACT] = 1
    tissue[:opened] = np.eye(len(Tissue))[Tissue.DETACHED]
    tissue[-1] = 0
    seen = np.ones(N, np.float32)
    seen[-1] = 0
    return SurfaceMap.of_shares(tissue, seen, seen)


def fan() -> Skin:
    return Skin.from_mesh(FAN_VERTICES, FAN_FACES, range(N), [100 / N] * N)


def score(
    study_path: Path,
    opened_at: Mapping[int, int | None] = MappingProxyType({0: 6, 5: 3}),
    visit_days: tuple[int, ...] = (),
    *,
    followed: bool = False,
) -> Path:
    """Write results such as a scored study has: P1 with some visits, open regions by day, P2 with none that worked."""
    study, results = read_study(study_path), ResultsFolder(study_path / "results")
    areas, endpoints, changes = [], [], []
    for patient in study.patients:
        opened = opened_at if patient is study.patients[0] else {}
        visits = [Visit(DAY_ZERO + timedelta(day), surface(count)) for day, count in opened.items()]
        for visit in visits:
            results.write_surface(patient.patient_id, visit.date, visit.surface)
        found = score_patient(patient, visits, fan(), study.protocol, visit_days=visit_days)
        areas += found.areas
        endpoints += found.endpoints
        changes += found.changes
        if followed and found.history is not None:
            results.write_history(patient.patient_id, found.history)
    results.write_tables(areas, endpoints)
    if followed:
        results.write_changes(changes)
    results.write_disagreement(differing())
    results.write_photos([_ended(entry.file, number) for number, entry in enumerate(study.photos)])
    for entry in study.photos[:2]:
        for path, mode, colour in (
            (study_path / entry.file, "RGB", (200, 150, 130)),
            (results.mask(entry.file), "L", Tissue.DETACHED),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new(mode, (90, 120), colour).save(path)
    record = {"versions": {"reepi": "9.9", "python": "3.12"}, "models": {"tissue": {"name": "t1", "sha256": "a" * 64}}}
    results.run.write_text(json.dumps(record))
    return results.path


def differing() -> list[DisagreementRow]:
    """On day 0 the whole body shows twice, and half of one of 33 like regions is open in one photograph alone."""
    share = 100 / N
    names = ("photos/a.png", "photos/z.png", share / 2)
    body = DisagreementRow("P1", DAY_ZERO, 0, "whole_body", 100.0, share / 2, 50 / N, *names)
    return [DisagreementRow("P1", DAY_ZERO, 0, REGIONS[0], share, share / 2, 50.0, *names), body]


def _ended(file: str, number: int) -> PhotoRow:
    if number < 2:
        return PhotoRow(file, "scored", "", 12.0, 1.0, "proposal")
    return PhotoRow(file, "rejected", "truncated: The <file> ends too early. Copy it again.", None, 0.1)


def report(study_path: Path) -> Page:
    return Page(write_report(score(study_path), study_path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scored study of two patients; its results lie in ``results``."""
    folder = tmp_path_factory.mktemp("study")
    for name, text in STUDY.items():
        (folder / name).write_text(text)
    score(folder)
    return folder


@pytest.fixture(scope="module")
def page(scored: Path) -> Page:
    """Its report."""
    return Page(write_report(scored / "results", scored).read_text(encoding="utf-8"))


def test_a_report_says_everything_of_a_patient(page: Page) -> None:
    """Visits, endpoints with their definitions, photographs, what could not be assessed, model and notice."""
    for words in (
        "Day 0",
        "Day 5",
        # 6 of 32 seen regions are open; the unseen one takes that mix as far as the body was assessed.
        f"{100 * (6 + 6 / 32 * 32 / 33) / 33:.1f} % BSA",
        "overlap",
        "Re-epithelialisation rate, labelled",
        "followed face by face",
        "photos/a.png",
        "truncated: The <file> ends too early.",
        # One of 33 like regions was not seen.
        f"foot right plantar , {100 / 33:.1f} % BSA missing: not photographed (assessed: foot right plantar 0 %)",
        "Assessed part of each region by visit",
        # Photographs of day 0 differ on half of the first region; on day 5 none was compared.
        "they differ on 1.5 of 3.0 % BSA (50 %), most between whole anterior and photos/z.png",
        "not looked at; score the study again",
        "reepi 9.9",
        "t1",
        "not a medical device",
        "No visit could be scored.",
    ):
        assert words in page.text


def test_open_skin_stands_by_region_and_visit(page: Page) -> None:
    """Six regions are open on day 0, three of them on day 5 too; the others are named once, as never open."""
    share = f"{100 / N:.2f}"
    assert f"Head anterior {share} {share} Head posterior {share} {share} Neck anterior {share} {share}" in page.text
    assert f"Neck posterior {share} 0.00" in page.text
    assert "Assessed and never open: buttock left" in page.text
    assert "Never assessed: foot right plantar." in page.text


def test_a_frozen_study_says_so(scored: Path, tmp_path: Path) -> None:
    """When, by whom and by which hash; and loudly where the tables are not those frozen."""
    study = shutil.copytree(scored, tmp_path / "study")
    outputs = {"areas.csv": hashlib.sha256((study / "results" / "areas.csv").read_bytes()).hexdigest()}
    freeze = Freeze("2024-05-01T10:00:00+00:00", "Dr. Ada", "data base lock", {}, outputs)
    write_freeze(study, freeze)
    told = Page(write_report(study / "results", study).read_text(encoding="utf-8")).text
    assert "Frozen at 2024-05-01T10:00:00+00:00 by Dr. Ada: data base lock. These are the frozen numbers." in told
    assert freeze.sha256 in told
    write_freeze(study, replace(freeze, outputs={"areas.csv": "0" * 64}))
    told = Page(write_report(study / "results", study).read_text(encoding="utf-8")).text
    assert "areas.csv here is not what was frozen" in told


DESPITE = ["protocol almost_complete_percent was 90 and is 80", "areas.csv is not as frozen"]
"""What ``run.json`` tells of a scoring despite a freeze."""


@pytest.mark.parametrize(
    ("frozen", "said", "unsaid"),
    [
        ("these tables", "These are the frozen numbers.", "despite a freeze"),
        (
            "others",
            f"areas.csv here is not what was frozen. Scoring went on despite a freeze; different then: {DESPITE[0]}",
            "These are the frozen numbers",
        ),
        (
            "nothing",
            f"The study is no longer frozen. Scoring went on despite a freeze; different then: {DESPITE[0]}",
            "These are the frozen numbers",
        ),
    ],
)
def test_the_tables_tell_whether_a_study_is_frozen(
    scored: Path, tmp_path: Path, frozen: str, said: str, unsaid: str
) -> None:
    """A study that was scored despite its freeze and frozen anew holds the frozen numbers."""
    study = Path(shutil.copytree(scored, tmp_path / "study"))
    results = ResultsFolder(study / "results")
    results.run.write_text(json.dumps({**json.loads(results.run.read_text()), "despite_freeze": DESPITE}))
    if frozen != "nothing":
        digest = hashlib.sha256(results.areas.read_bytes()).hexdigest() if frozen == "these tables" else "0" * 64
        write_freeze(study, Freeze("2024-05-01T10:00:00+00:00", "Dr. Ada", "", {}, {"areas.csv": digest}))
    told = Page(write_report(results.path, study).read_text(encoding="utf-8")).text
    assert said in told
    assert unsaid not in told


def test_rows_of_a_patient_who_left_the_list_are_not_the_cohorts(scored: Path, tmp_path: Path) -> None:
    """The patient is named, and what the cohort has stays apart."""
    study = Path(shutil.copytree(scored, tmp_path / "study"))
    results = ResultsFolder(study / "results")
    renamed = EndpointRow("P9", "scorten", None, 3.0, None, None, "points", "of another name")
    cohort = EndpointRow(COHORT, "scorten_mean", None, 2.0, None, None, "points", "mean of the cohort")
    results.write_tables(results.read_areas(), [*results.read_endpoints(), renamed, cohort])
    told = Page(write_report(results.path, study).read_text(encoding="utf-8")).text
    assert "Left out, since patients.csv no longer has them: P9." in told
    assert "of another name" not in told
    assert "mean of the cohort" in told


def test_a_report_needs_nothing_but_itself(page: Page) -> None:
    """Every picture is inside, nothing is fetched, links stay on the page."""
    assert not page.tags.keys() & {"link", "iframe", "object", "embed", "form"}
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")]
        if "src" in attributes:
            assert (attributes["src"] or "").startswith("data:image/")
        if "href" in attributes:
            assert (attributes["href"] or "").startswith("#"), tag


def test_only_the_reports_own_programs_run(scored: Path) -> None:
    """The policy names them by hash: the page's own, and the one that draws bodies, which is text until asked for."""
    text = write_report(scored / "results", scored).read_text(encoding="utf-8")
    policy = html_lib.unescape(re.findall(r'Content-Security-Policy" content="([^"]*)"', text)[0])
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert "unsafe-eval" not in policy
    (own,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    packed = re.findall(r'<script type="text/plain" id="plotly">(.*?)</script>', text)[0]
    hashes = {digest(own), digest(zlib.decompress(base64.b64decode(packed)).decode())}
    assert hashes == set(re.findall(r"'(sha256-[^']*)'", policy.split("script-src")[1].split(";")[0]))


def digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_a_report_can_be_read_by_a_machine_that_reads_aloud(page: Page) -> None:
    """Pictures have a text, table heads a scope, links a target, and the page a language."""
    attributes = dict(page.elements)
    assert attributes["html"]["lang"] == "en"
    assert all(found.get("alt") for tag, found in page.elements if tag == "img")
    assert all(found.get("scope") for tag, found in page.elements if tag == "th")
    targets = {found["id"] for _, found in page.elements if "id" in found}
    assert {(found["href"] or "")[1:] for _, found in page.elements if "href" in found} <= targets


def test_pictures_are_there_once_each(page: Page) -> None:
    """Three of the cohort; two visits of four tissue and coverage charts, a course, two photographs with tissues."""
    assert page.tags["img"] == 3 + 2 * 4 * 2 + 1 + 2 * 2


def test_photographs_of_equal_content_are_embedded_once(page: Page) -> None:
    """The two photographs of the study are alike, and so are their masks: two pictures for four places."""
    shown = [found["data-picture"] for tag, found in page.elements if tag == "img" and "data-picture" in found]
    held = [name for _, found in page.elements for name in (found.get("data-pictures") or "").split()]
    assert (len(shown), len(held)) == (4, 2)
    assert set(shown) == set(held)


def test_results_from_before_photographs_were_compared_have_a_report(scored: Path, tmp_path: Path) -> None:
    """It says that nobody looked."""
    study = Path(shutil.copytree(scored, tmp_path / "study"))
    (study / "results" / "disagreement.csv").unlink()
    text = Page(write_report(study / "results", study).read_text(encoding="utf-8")).text
    assert text.count("not looked at; score the study again") == 2


def test_hostile_names_stay_text(page: Page, study_folder: Callable[..., Path]) -> None:
    """Neither the study's name nor a photograph's can add an element to the page."""
    evil = "<img src=x onerror=alert(1)>"
    settings = f'[study]\nname = "{evil}"\nday_zero = "infusion"\nvisit_days = [0]\n'
    photos = 'file,patient_id,taken_at,view\n"photos/<b>&amp;.png",P1,2024-03-05,whole_anterior\n'
    hostile = report(study_folder(settings=settings, photos=photos))
    assert evil in hostile.text
    assert "photos/<b>&amp;.png" in hostile.text
    assert hostile.tags["b"] == page.tags["b"] == 0
    assert all(found.get("src") != "x" for _, found in hostile.elements)


@pytest.mark.parametrize("name", ["areas.csv", "endpoints.csv", "photos.csv", "run.json"])
def test_missing_and_damaged_results_are_named(scored: Path, tmp_path: Path, name: str) -> None:
    """With the remedy."""
    study = Path(shutil.copytree(scored, tmp_path / "study"))
    results = study / "results"
    (results / name).write_text("[1, 2")
    if name == "run.json":
        with pytest.raises(InputError, match=f"{name}: cannot be read"):
            write_report(results, study)
    (results / name).unlink()
    with pytest.raises(InputError, match=f"{name}: cannot be read .* Score the study first"):
        write_report(results, study)


def test_a_visit_at_which_nothing_was_assessed_has_no_areas(study_folder: Callable[..., Path]) -> None:
    """All its photographs were rejected: nothing stands where a number would, and another visit answers its day."""
    settings = '[study]\nname = "Three"\nday_zero = "infusion"\nvisit_days = [0, 7]\n[protocol]\nwindow_days = 1\n'
    photos = "file,patient_id,taken_at,view\n" + "".join(
        f"photos/{name}.png,P1,2024-03-{day:02d},whole_anterior\n" for name, day in (("a", 5), ("b", 12), ("c", 13))
    )
    study = study_folder(settings=settings, photos=photos)
    results = score(study, {0: 6, 7: None, 8: 3}, (0, 7), followed=True)
    page = Page(write_report(results, study).read_text(encoding="utf-8"))
    labels = [found.get("alt") or "" for _, found in page.elements]
    told = "Course of open skin by visit: Day 0 18.7 % BSA, Day 7 no skin assessed, Day 8 9.4 % BSA"
    assert told in [" ".join(label.split()) for label in labels]
    assert "Day 7 2024-03-12 no skin assessed 100.0" in page.text
    assert [label for label in labels if "became of the skin" in label and "Day 7" in label] == [
        f"Day 7, what became of the skin, {side}: no skin assessed" for side in ("front", "back")
    ]
    assert f"Day 7 no skin assessed Day 8 {100 * 3 / N:.1f} % healed 0.0 % new 0.0 % open again" in page.text
    share = f"{100 / N:.2f}"
    assert f"Head anterior {share} – {share} Head posterior {share} – {share}" in page.text
    assert f"Neck posterior {share} – 0.00" in page.text
    assert f"Head anterior 0.00 0.00 0.00 0.00 0.00 {share} – – –" in page.text
    assert "P1 18.7 0.0 % 9.4 (day 8) 50.0 %" in page.text
    assert "50.0 % re-epithelialised" in page.text


def test_a_patient_without_a_visit_keeps_the_endpoints(scored: Path, tmp_path: Path) -> None:
    """Whoever died before a photograph could be scored has an outcome all the same."""
    study = Path(shutil.copytree(scored, tmp_path / "study"))
    results = ResultsFolder(study / "results")
    died = EndpointRow("P2", "death", None, "yes", None, None, "yes/no", "died on 2024-04-02")
    results.write_tables(results.read_areas(), [*results.read_endpoints(), died])
    told = part_of(2, write_report(results.path, study))
    assert "No visit could be scored." in told
    assert "Death death – yes" in told
    assert "died on 2024-04-02" in told


def test_a_patient_without_a_photograph_has_none_that_was_scored(study_folder: Callable[..., Path]) -> None:
    """It is said that there is none."""
    study = study_folder(photos="file,patient_id,taken_at,view\nphotos/a.png,P1,2024-03-05,whole_anterior\n")
    page = write_report(score(study), study)
    assert "Every photograph was scored." in part_of(1, page)
    told = part_of(2, page)
    assert "There is no visit." in told
    assert "There is no photograph." in told
    assert "Every photograph was scored." not in told


def part_of(patient: int, page: Path) -> str:
    """Return what a reader sees of a patient's part of a report."""
    text = page.read_text(encoding="utf-8").split(f'id="patient-{patient}"')[1]
    return Page(text.split("</article>")[0]).text


def test_a_missing_surface_map_leaves_out_its_charts_only(scored: Path, tmp_path: Path) -> None:
    """The rest of the report stands."""
    study = Path(shutil.copytree(scored, tmp_path / "study"))
    results = ResultsFolder(study / "results")
    results.surface("P1", DAY_ZERO).unlink()
    results.surface("P1", DAY_ZERO + timedelta(5)).write_bytes(b"damaged")
    page = Page(write_report(results.path, study).read_text(encoding="utf-8"))
    assert page.text.count("surface map of this visit is missing") == 2
    assert page.tags["img"] == 3 + 1 + 2 * 2


def test_a_patient_without_day_zero_is_shown_by_date(study_folder: Callable[..., Path]) -> None:
    """And the axis counts visits."""
    patients = "patient_id,sex,age_years,height_cm,weight_kg,index_date,day_zero_date\nP1,F,40,165,62,2024-03-01,\n"
    photos = "file,patient_id,taken_at,view\nphotos/a.png,P1,2024-03-05,whole_anterior\n"
    page = report(study_folder(patients=patients, photos=photos))
    assert "Day 0" not in page.text
    assert "Regions, 2024-03-05" in page.text
    # Three of six open regions have closed at the second visit.
    assert "50.0 % re-epithelialised" in page.text


def test_the_same_results_give_the_same_report(scored: Path) -> None:
    """Byte for byte."""
    results = scored / "results"
    assert write_report(results, scored).read_bytes() == write_report(results, scored).read_bytes()


def test_small_pictures_that_were_lost_are_made_again(scored: Path, tmp_path: Path) -> None:
    """A results folder without them gives the same report, byte for byte, and what is hidden stays hidden."""
    study = Path(shutil.copytree(scored, tmp_path / "study"))
    results, file = ResultsFolder(study / "results"), "photos/a.png"
    rough = np.random.default_rng(3).integers(60, 250, (30, 40, 3), np.uint8)
    Image.fromarray(rough).resize((1600, 1200)).save(study / file)
    photograph = read_photograph(study / file)
    mask = np.full(photograph.size, Tissue.DETACHED, np.uint8)
    mask[: len(mask) // 3] = Tissue.INTACT
    hidden = np.zeros(photograph.size, bool)
    hidden[:, : photograph.size[1] // 2] = True
    row = results.read_photos()[0]
    found = MeasuredPhotograph(row, {}, photograph, mask, surface=surface(6), hidden=hidden)
    results.write_pictures(found, ())
    before = write_report(results.path, study).read_bytes()
    for kept in (results.small(file), results.work_mask(file)):
        kept.unlink()
    assert write_report(results.path, study).read_bytes() == before
    small = np.asarray(Image.open(io.BytesIO(encode_small(results.shown(file, photograph.pixels)))))
    # Black but for what the compression leaves, away from the border of what is hidden.
    assert small[:, : small.shape[1] // 2 - 16].max() < 16


def test_a_large_study_is_reported_without_its_photographs(
    scored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so, and where they are; how each photograph ended, charts and numbers stand as ever."""
    study = Path(shutil.copytree(scored, tmp_path / "study"))
    full = write_report(study / "results", study).read_text(encoding="utf-8")
    monkeypatch.setattr("reepi.report.content.MOST_PICTURED", 2)
    text = write_report(study / "results", study).read_text(encoding="utf-8")
    assert 'data-picture="' in full
    assert "leave out their pictures" not in full
    assert 'data-picture="' not in text
    assert "This study has 3 photographs. Reports of more than 2 leave out their pictures" in Page(text).text
    assert "cannot be shown" not in text
    assert all(file in text for file in ("photos/a.png", "photos/b.png", "photos/c.png"))
    assert text.count("data:image/webp") == full.count("data:image/webp")


def test_a_study_that_nobody_read_says_so_on_its_first_page(page: Page) -> None:
    """Before any number, at each visit and beside each photograph."""
    warning = "Nobody read this study: all its numbers are the model's proposals, which nobody checked."
    assert page.text.index(warning) < page.text.index("P1 P2")
    # 32 of 33 like regions were assessed.
    share = f"{100 * 32 / 33:.1f}"
    assert page.text.count(f"All of the {share} % BSA that were assessed rest on the model's proposals") == 2
    assert page.text.count("the model's proposal, which nobody checked") == 2


def test_a_study_that_was_read_says_by_whom(scored: Path, tmp_path: Path) -> None:
    """A reader's name stays text, a rejection stands with its reason, half of the body rests on readings."""
    study = Path(shutil.copytree(scored, tmp_path / "study"))
    results = ResultsFolder(study / "results")
    rows = results.read_photos()
    why = "rejected_by_reader: Ada rejected it: blurred"
    rows[0] = replace(rows[0], source="reading by <b>Ada</b>")
    rows[1] = replace(rows[1], status="rejected", reasons=why, source="reading by Ada")
    results.write_photos(rows)
    first = surface(6)
    origin = np.where(np.arange(N) < 11, Origin.READING, first.origin).astype(np.uint8)
    results.write_surface("P1", DAY_ZERO, replace(first, origin=origin))
    record = json.loads(results.run.read_text())
    said = {"painters": {"P1 2024-03-10": "Cleo"}, "points": {}}
    results.run.write_text(json.dumps({**record, "said": said, "trail": {"events": 4, "head": "f00d" * 16}}))
    page = Page(write_report(results.path, study).read_text(encoding="utf-8"))
    for words in (
        "Nobody read this study",
        "rejected_by_reader",
    ):
        assert words not in page.text
    for words in (
        "2 of 3 photographs were read: reading by <b>Ada</b> (1); reading by Ada (1).",
        "its trail had 4 events, the newest with the hash f00df00df00d.",
        "reepi audit",
        f"{100 * 21 / 33:.1f} rest on the model's proposals, which nobody checked; and {100 / 3:.1f} on readings.",
        "The body chart was painted by Cleo.",
        "rejected reading by Ada Ada rejected it: blurred",
    ):
        assert words in page.text.replace("placed within about 12 mm ", "")
    assert page.tags["b"] == 0
