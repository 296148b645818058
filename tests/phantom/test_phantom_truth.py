"""The truth adds up, and the study folder is one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from reepi.body.physique import ORDINARY, Physique
from reepi.body.template import BodyTemplate, reference_template
from reepi.core.errors import InputError
from reepi.core.regions import REGIONS
from reepi.core.study import Patient
from reepi.core.surface import NO_FACE, SurfaceMap
from reepi.core.tissue import ASSESSED, OPEN, Tissue
from reepi.core.views import VIEWS as ALL_VIEWS
from reepi.mapping.projection import project_mask, skin_samples
from reepi.mapping.registration import registration_from_pose
from reepi.phantom.claiming import MARK
from reepi.phantom.families import HELD_OUT_LOOK
from reepi.phantom.lesions import Course
from reepi.phantom.painted import camera_of
from reepi.phantom.patients import PhantomPatient
from reepi.phantom.pictures import face_code, read_camera, read_faces, read_mask
from reepi.phantom.study import StudyOptions, study_patient, study_physique, write_study
from reepi.phantom.study_tables import PHYSIQUES, read_physiques
from reepi.phantom.trainingset import TrainingOptions, _sample, split_of, training_patient, write_training_set
from reepi.phantom.truth import face_tissue, part_centres, seen_share, true_surface, truth_rows
from reepi.store.study import read_study
from reepi.store.surfaces import unpack_surface

VIEWS = ("trunk_anterior", "arm_left_anterior")


@pytest.fixture(scope="module", autouse=True)
def _one_body(body: BodyTemplate) -> Iterator[None]:
    """Give all patients one body: fitting others takes seconds and is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reepi.phantom.patients.build_template", lambda *_: body)
        yield


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> StudyOptions:
    """Render a small study: one patient, two visits, two views."""
    options = StudyOptions(tmp_path_factory.mktemp("study"), 1, 4, (0, 7), VIEWS, long_side=96, max_open_percent=30.0)
    write_study(options)
    return options


@pytest.fixture(scope="module")
def truth(options: StudyOptions) -> pd.DataFrame:
    """Return the study's truth.csv."""
    return pd.read_csv(options.out / "truth.csv")


def test_parts_of_a_face_are_equal_and_centred() -> None:
    """The sixteen parts tile the triangle: all within, their mean is the middle."""
    centres = part_centres(4)
    assert len(centres) == 16
    assert (centres > 0).all()
    np.testing.assert_allclose(centres.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(centres.mean(axis=0), 1 / 3, atol=1e-6)
    assert len(np.unique(centres.round(5), axis=0)) == 16


def test_face_shares_sum_to_one_on_skin(body: BodyTemplate, course: Course) -> None:
    """Every face of skin is wholly some tissue; eyes and mouth are none."""
    total = face_tissue(body, course, 6).sum(axis=1)
    np.testing.assert_allclose(total[body.skin], 1, atol=1e-5)
    assert (total[~body.skin] == 0).all()


def test_open_skin_hardly_changes_with_finer_sampling(body: BodyTemplate, course: Course) -> None:
    """The truth is exact to 0.05 % BSA: four times as many samples of a quarter of the faces move it by less."""
    some = np.flatnonzero(body.skin)[::4]
    points = np.einsum("pk,fkx->fpx", part_centres(8), body.canonical[body.faces[some]])
    finer = np.isin(course.state(points.reshape(-1, 3), 6).tissue, OPEN).reshape(len(some), -1).mean(axis=1)
    usual = face_tissue(body, course, 6)[some][:, list(OPEN)].sum(axis=1)
    assert body.shares("patient", 40)[some] @ (usual - finer) == pytest.approx(0, abs=0.05)


def laid(seen: list[float], *faces: dict[Tissue, float]) -> SurfaceMap:
    """Return what a photograph shows of some faces: how much is in sight, and the mix of what its pixels show."""
    tissue = np.array([[mix.get(kind, 0.0) for kind in Tissue] for mix in faces], np.float32)
    return SurfaceMap.of_shares(tissue, np.array(seen, np.float32), np.zeros(len(seen), np.float32))


def test_seen_share_counts_the_best_photograph() -> None:
    """A face half covered in one photograph and bare in another is seen; one covered in all, or never shown, is not."""
    covered, half = {Tissue.COVERED: 1.0}, {Tissue.INTACT: 0.5, Tissue.COVERED: 0.5}
    one = laid([1, 1, 0, 0], half, covered, {}, {})
    two = laid([1, 0, 0.75, 0], {Tissue.DETACHED: 1.0}, {}, half, {})
    np.testing.assert_allclose(seen_share([one]), [0.5, 0, 0, 0])
    np.testing.assert_allclose(seen_share([one, two]), [1, 0, 0.375, 0])


def test_what_is_in_sight_is_no_matter_of_pixels() -> None:
    """A sliver of a face is no whole face, and skin at the rim is in sight though its pixel shows the bedding."""
    sliver, rim = {Tissue.INTACT: 1.0}, {Tissue.INTACT: 0.5, Tissue.BACKGROUND: 0.5}
    np.testing.assert_allclose(seen_share([laid([0.25, 1], sliver, rim)]), [0.25, 1])


def test_a_small_photograph_shows_as_much_skin_as_a_large_one(body: BodyTemplate) -> None:
    """With a sixteenth of the pixels, of which most faces have none, the same skin is seen within half of 1 % BSA."""
    camera, shown = camera_of(body, ALL_VIEWS["whole_anterior"]), []
    for size in ((720, 480), (180, 120)):
        placed = registration_from_pose(camera.scaled(size), {}, body, 0.0)
        mask = np.where(placed.faces == NO_FACE, Tissue.BACKGROUND, Tissue.INTACT).astype(np.uint8)
        shown.append(body.shares("patient", 40) @ seen_share([project_mask(skin_samples(placed, body), mask)]))
    assert shown[0] > 35
    assert shown[1] == pytest.approx(shown[0], abs=0.5)


def test_rows_of_a_body_seen_whole(body: BodyTemplate, course: Course) -> None:
    """If all is seen, nothing is unassessed and both columns agree."""
    tissue = face_tissue(body, course, 6)
    surface = true_surface(tissue, body.skin.astype(np.float32))
    for row in truth_rows(body, body.shares("patient", 40), surface, tissue):
        assert row.percent_bsa_seen == pytest.approx(row.percent_bsa, abs=1e-4)


def test_truth_adds_up(truth: pd.DataFrame) -> None:
    """Regions sum to the whole body, tissues to 100; open is detachable and detached and not part of the sum."""
    for _, visit in truth.groupby("date"):
        table = visit.pivot_table(index="region", columns="tissue", values="percent_bsa")
        parts = table[[tissue.label for tissue in ASSESSED]]
        assert parts.loc["whole_body"].sum() == pytest.approx(100, abs=1e-3)
        np.testing.assert_allclose(table.loc[list(REGIONS)].sum(), table.loc["whole_body"], atol=1e-3)
        np.testing.assert_allclose(table["open"], table["detachable"] + table["detached"], atol=1e-4)
        seen = visit[visit["tissue"] != "open"].groupby("region")["percent_bsa_seen"].sum()
        np.testing.assert_allclose(seen[parts.index], parts.sum(axis=1), atol=1e-3)


def test_study_folder_is_valid(options: StudyOptions) -> None:
    """What is written can be read back as a study, with all its photographs there."""
    study = read_study(options.out)
    assert len(study.photos) == 4
    assert {entry.view_name for entry in study.photos} == set(VIEWS)
    assert all((options.out / entry.file).is_file() for entry in study.photos)


def test_truth_lies_beside_every_photograph(options: StudyOptions) -> None:
    """Mask, face map and camera bear the photograph's name, and agree with each other."""
    for photo in (options.out / "photos").iterdir():
        faces = read_faces(options.out / "truth" / "faces" / f"{photo.stem}.png")
        mask = read_mask(options.out / "truth" / "masks" / f"{photo.stem}.png")
        record = json.loads((options.out / "truth" / "cameras" / f"{photo.stem}.json").read_text())
        assert list(mask.shape) == record["size"]
        np.testing.assert_array_equal(mask == Tissue.BACKGROUND, faces == NO_FACE)


def test_physiques_of_a_study_lie_beside_its_truth(options: StudyOptions) -> None:
    """Who knows the physique can build the body that was rendered; it is not what height and weight tell."""
    table = read_physiques(options.out / "truth" / PHYSIQUES)
    assert table == {"P01": study_physique(options, 0)}
    assert table["P01"] != ORDINARY
    assert study_physique(options, 1) != table["P01"]


def test_patients_of_a_study_have_their_physique(options: StudyOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    """The body that is photographed is built with it."""
    built: list[Physique] = []

    def build(person: Patient, physique: Physique = ORDINARY) -> BodyTemplate:
        built.append(physique)
        return reference_template()

    monkeypatch.setattr("reepi.phantom.patients.build_template", build)
    study_patient(options, 0)
    assert built == [study_physique(options, 0)]


def test_a_study_of_other_bodies_is_not_gone_on_with(options: StudyOptions) -> None:
    """An earlier version gave all patients ordinary bodies; a study of both would have two truths."""
    mark = options.out / MARK
    kept = mark.read_text()
    older = {name: value for name, value in json.loads(kept).items() if name != "bodies"}
    mark.write_text(json.dumps(older, indent=1, sort_keys=True) + "\n")
    with pytest.raises(InputError, match="an earlier version did"):
        write_study(options)
    mark.write_text(kept)


def test_surface_of_a_visit_is_the_truth(options: StudyOptions, truth: pd.DataFrame) -> None:
    """The stored surface map adds up to the column of what was seen."""
    phantom: PhantomPatient = study_patient(options, 0)
    (first, *_) = sorted((options.out / "truth" / "surface").iterdir())
    surface = unpack_surface(first.read_bytes())
    seen = truth[(truth["day"] == 0) & (truth["region"] == "whole_body") & (truth["tissue"] == "open")]
    assert phantom.template.shares("patient", 0) @ surface.open == pytest.approx(
        seen["percent_bsa_seen"].item(), abs=1e-3
    )


def test_seen_skin_is_in_sight_of_a_camera(options: StudyOptions, body: BodyTemplate) -> None:
    """No face of a visit is seen more than its stored cameras let it be, though a pixel here is larger than a face."""
    cameras = [read_camera(path) for path in sorted((options.out / "truth" / "cameras").glob("*_d00_*"))]
    placed = [registration_from_pose(camera, pose, body, 0.0) for camera, pose in cameras]
    in_sight = np.max([skin_samples(each, body).seen for each in placed], axis=0)
    (first, *_) = sorted((options.out / "truth" / "surface").iterdir())
    seen = unpack_surface(first.read_bytes()).seen
    assert len(cameras) == len(VIEWS)
    assert seen.any()
    assert (seen <= in_sight + 1e-6).all()


def test_second_run_changes_nothing(options: StudyOptions) -> None:
    """A finished study is left as it is."""
    files = [path for path in sorted(options.out.rglob("*")) if path.is_file()]
    before = [path.read_bytes() for path in files]
    write_study(options)
    assert [path.read_bytes() for path in files] == before


def test_face_map_survives_its_file(tmp_path: Path) -> None:
    """Coding and reading back is the identity, also for no face and the last face."""
    import cv2

    faces = np.array([[NO_FACE, 0, 27_419]], np.int32)
    cv2.imwrite(str(tmp_path / "f.png"), face_code(faces))
    np.testing.assert_array_equal(read_faces(tmp_path / "f.png"), faces)
    with pytest.raises(OSError, match="uint8"):
        read_mask(tmp_path / "f.png")


def test_training_set_has_images_masks_faces_and_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data folder holds what the contract asks for, and the same again when drawn again."""
    monkeypatch.setattr("reepi.phantom.trainingset.LONG_SIDE_PX", 64)
    monkeypatch.setattr("reepi.phantom.trainingset.STANDARD_LONG_SIDE_PX", 96)
    write_training_set(TrainingOptions(tmp_path, seed=2, photographs=6))
    lines = pd.read_csv(tmp_path / "samples.csv")
    assert list(lines.columns) == ["stem", "patient_id", "split", "view", "look"]
    for stem in lines["stem"]:
        faces = read_faces(tmp_path / "faces" / f"{stem}.png")
        assert read_mask(tmp_path / "masks" / f"{stem}.png").shape == faces.shape
        assert (tmp_path / "images" / f"{stem}.jpg").is_file()
    assert np.load(tmp_path / "canonical.npz")["centroids"].shape == (27_420, 3)
    sides = {max(read_mask(tmp_path / "masks" / f"{stem}.png").shape) for stem in lines["stem"]}
    assert sides == {64, 96}, "some photographs are taken in a hurry, some keep to the standard"


def test_lines_of_a_set_are_there_before_its_photographs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever a run is stopped, every photograph has its patient and split; a smaller run takes no line away."""

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("reepi.phantom.trainingset.rendered", stopped)
    for photographs, expected in ((20, 20), (40, 40), (6, 40)):
        with pytest.raises(KeyboardInterrupt):
            write_training_set(TrainingOptions(tmp_path, 2, photographs))
        lines = pd.read_csv(tmp_path / "samples.csv")
        assert len(lines) == expected
        assert lines.groupby("patient_id")["split"].nunique().eq(1).all()


def test_set_of_the_look_held_out_is_for_tests_alone() -> None:
    """Whoever names it as training data trains on nothing of it."""
    options = TrainingOptions(Path("unused"), 2, 40, look=HELD_OUT_LOOK)
    drawn = [_sample(options, index, number) for index in range(3) for number in range(2)]
    assert {(each.split, each.look) for each in drawn} == {("test", HELD_OUT_LOOK)}


@pytest.mark.slow
def test_several_workers_end(tmp_path: Path) -> None:
    """Workers do not wait for threads that only their parent had; bodies that are fitted anew would show it."""
    nothing_kept = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    call = ["phantom", str(tmp_path / "set"), "--training", "2", "--seed", "3", "--workers", "2"]
    done = subprocess.run([sys.executable, "-m", "reepi", *call], env=nothing_kept, timeout=300, check=False)
    assert done.returncode == 0
    assert len(list((tmp_path / "set" / "images").iterdir())) == 2


def test_held_out_patients_see_every_view_and_have_bodies_of_their_own() -> None:
    """The views take turns over two patients, so no split falls on every second one; no body is in two splits."""
    by_split = {split: [i for i in range(90) if split_of(i) == split] for split in ("train", "val", "test")}
    assert [len(by_split[split]) for split in ("train", "val", "test")] == [70, 10, 10]
    assert all({index % 2 for index in indices} == {0, 1} for indices in by_split.values())
    bodies = {split: {_body_of(index) for index in indices[:8]} for split, indices in by_split.items()}
    assert not bodies["train"] & (bodies["val"] | bodies["test"])
    assert not bodies["val"] & bodies["test"]


def test_every_training_patient_has_a_body_of_his_own_in_every_set() -> None:
    """Networks learn from as many bodies as there are patients; who tests has the same one whatever the seed."""
    trained_on, tested = [[i for i in range(45) if split_of(i) == split] for split in ("train", "test")]
    bodies = {_body_of(index, seed=seed) for seed in (1, 2) for index in trained_on}
    assert len(bodies) == 2 * len(trained_on)
    assert [_body_of(index, seed=1) for index in tested] == [_body_of(index, seed=2) for index in tested]


def test_those_who_train_have_physiques_and_those_who_test_have_none(
    body: BodyTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What height and weight do not tell differs from patient to patient, and is the same when drawn again."""
    asked: list[Physique] = []
    monkeypatch.setattr("reepi.phantom.patients.build_template", lambda _, own: asked.append(own) or body)
    trained_on, others = [[i for i in range(18) if (split_of(i) == "train") == trains] for trains in (True, False)]
    for index in [*trained_on, *trained_on, *others]:
        training_patient(1, index)
    first, again = asked[: len(trained_on)], asked[len(trained_on) : 2 * len(trained_on)]
    assert first == again
    assert len(set(first)) == len(trained_on)
    assert ORDINARY not in first
    assert set(asked[2 * len(trained_on) :]) == {ORDINARY}


def test_a_look_that_is_held_out_is_shown_on_bodies_of_its_own() -> None:
    """All its patients are tested on, those that would be for training in another set too."""
    trained = {_body_of(index) for index in range(16)}
    assert trained.isdisjoint(_body_of(index, held_out=True) for index in range(16))


def test_patients_of_different_sets_have_different_names() -> None:
    """Sets are trained on together, and patients of one name in two splits are taken for a leak."""
    sets = [(1, False), (2, False), (1, True)]
    names = {training_patient(seed, 0, held_out=held_out).patient.patient_id for seed, held_out in sets}
    assert len(names) == len(sets)


def test_a_set_of_the_look_held_out_shares_no_patient_with_a_training_set_of_its_seed(body: BodyTemplate) -> None:
    """Neither the course of the disease, nor the skin and hair, nor what chance does to each photograph."""
    trained, tested = (training_patient(1, 0, held_out=held_out) for held_out in (False, True))
    points = body.canonical[body.faces[::20]].mean(axis=1)
    assert trained.skin.fitzpatrick != tested.skin.fitzpatrick
    assert (trained.course.state(points, 6).tissue != tested.course.state(points, 6).tissue).any()
    known, held_out = (TrainingOptions(Path("unused"), 1, 4, look=look) for look in ("raw", HELD_OUT_LOOK))
    assert known.rng(2, 0, 0).random() != held_out.rng(2, 0, 0).random()


def _body_of(index: int, held_out: bool = False, seed: int = 1) -> tuple[str, float, float, float]:
    patient = training_patient(seed, index, held_out=held_out).patient
    return patient.sex, patient.age_years, patient.height_cm, patient.weight_kg


def test_studies_and_training_sets_share_no_patient() -> None:
    """The same seed draws another patient for a study than for training."""
    options = StudyOptions(Path("unused"), 1, 3)
    assert study_patient(options, 0).patient.height_cm != training_patient(3, 0).patient.height_cm


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--views", "knee"], "knee do not exist"),
        (["--visits", "0,x"], "--visits: '0,x' cannot be read. Write whole days"),
        (["--visits=-101,0"], "days of visits lie between -100 and 999"),
        (["--visits", "0,99999999999"], "days of visits lie between -100 and 999"),
        (["--visits", "5,7,5"], "5 stands there twice"),
        (["--views", "trunk_anterior,trunk_anterior"], "trunk_anterior stands there twice"),
        (["--training", "2", "--look", "purple"], "raw, dusky"),
        (["--onto", "photographs"], "add --training"),
        (["--training", "2", "--onto", "photographs", "--look", "raw"], "leave --look"),
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, arguments: list[str], problem: str) -> None:
    """Exit status 2 and the reason."""
    from reepi.cli import app

    answer = CliRunner().invoke(app, ["phantom", str(tmp_path / "out"), *arguments])
    assert answer.exit_code == 2
    assert problem in answer.output
    assert not (tmp_path / "out").exists()
