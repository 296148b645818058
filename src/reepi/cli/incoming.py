"""Photographs on their way into a study: what ``add`` and ``watch`` share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from reepi.core.errors import Fault, InputError, PhotographRejected
from reepi.core.study import Study
from reepi.core.views import VIEWS
from reepi.imaging.file_types import file_type
from reepi.imaging.reading import read_photograph
from reepi.store.adding.placing import listed_hashes
from reepi.store.adding.plan import Addition, Source, Stated, plan_additions
from reepi.store.adding.seen_views import with_seen_views
from reepi.store.adding.sources import DICOM_START, looked_at, without_twins

if TYPE_CHECKING:
    from reepi.model.inference import CorrespondencePredictor

Progress = Callable[[int], None]


def planned(
    folder: Path,
    study: Study,
    files: Sequence[tuple[Path, tuple[str, ...]]],
    stated: Stated,
    predictor: "Callable[[], CorrespondencePredictor] | None" = None,
    progress: Progress = lambda done: None,
) -> list[Addition]:
    """Return what files would be in a study.

    Parameters
    ----------
    folder : Path
        The study folder.
    study : Study
        The study.
    files : sequence of (Path, tuple of str)
        Files and the names that may tell of them.
    stated : Stated
        What the caller says of all of them.
    predictor : callable, optional
        Loads the network that names a view; asked only if a view is unsure. None looks at no picture.
    progress : callable
        Told how many files were looked at.
    """
    sources = []
    for path, names in files:
        sources.append(looked_at(path, names))
        progress(len(sources))
    sizes = {source.path.stat().st_size for source in sources if source.content_hash}
    listed = listed_hashes(folder, study, sizes)
    sources = [with_tags(source) for source in without_twins(sources, listed)]
    additions = plan_additions(study, sources, listed, stated)
    return additions if predictor is None else _seen(additions, predictor)


def expanded(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Return paths with the objects that a DICOMDIR lists in its place, and those of its objects that are not there.

    Raises
    ------
    InputError
        A file of that name is no DICOMDIR, or lists nothing that is there.
    """
    found: list[Path] = []
    missing: list[Path] = []
    for path in paths:
        if path.name.upper() != "DICOMDIR" or not path.is_file() or not _reads_dicom():
            found.append(path)
            continue
        from reepi.dicom.importing import objects_of

        try:
            objects = objects_of(path)
        except ValueError as error:
            raise InputError([Fault(str(path), str(error), "Name the folder with the objects instead.")]) from error
        if not any(each.is_file() for each in objects):
            raise InputError([Fault(str(path), "none of the objects that it lists is there", "Copy the whole medium.")])
        found += [each for each in objects if each.is_file()]
        missing += [each for each in objects if not each.is_file()]
    return found, missing


def with_tags(source: Source) -> Source:
    """Return a source with what its DICOM tags tell, if it is a DICOM object and the extra is there."""
    if source.problem or not _is_dicom(source.path) or not _reads_dicom():
        return source
    from reepi.dicom.importing import imported

    told = imported(source.path)
    if told is None:
        return source
    return replace(
        source,
        # The file's own name stays last; an archive's names are mere numbers.
        names=(*source.names[:-1], *told.words, *source.names[-1:]),
        patient_id=told.patient_id or None,
        taken_at=told.taken_at or source.taken_at,
        mm_per_px=told.mm_per_px,
    )


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        return file_type(file.read(DICOM_START)) == "dicom"


def _reads_dicom() -> bool:
    return find_spec("pydicom") is not None


def body_predictor(model: Path | None) -> "Callable[[], CorrespondencePredictor]":
    """Return what loads the network that names views, the shipped one if none is named."""

    def load() -> "CorrespondencePredictor":
        from reepi.model.inference import load_correspondence_predictor
        from reepi.store.shipped import shipped_model

        return load_correspondence_predictor(model or shipped_model("correspondence"))

    return load


def _seen(additions: list[Addition], load: "Callable[[], CorrespondencePredictor]") -> list[Addition]:
    """Return additions of which the unsure views are those that the network sees."""
    unsure = [each for each in additions if not each.view.sure and not each.problem]
    if not unsure:
        return additions
    predict = load()
    seen = {each.file: _views_of(each, predict) for each in unsure}
    return with_seen_views(additions, {file: views for file, views in seen.items() if views})


def _views_of(addition: Addition, predict: "CorrespondencePredictor") -> Mapping[str, float]:
    """Return the probability of each view, whatever view is declared; nothing of a photograph that is gone by now."""
    try:
        return predict(read_photograph(addition.file), VIEWS[addition.views[0]]).views
    except PhotographRejected:
        return {}
