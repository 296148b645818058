"""Where results lie: a folder that this machine sees, or a URL of an object store."""

import json
from pathlib import Path
from typing import Final, cast
from urllib.request import url2pathname

from reepi.core.errors import Fault, InputError
from reepi.core.study import Study
from reepi.store.files import is_remote
from reepi.store.placements import PLACED
from reepi.store.results import ResultsFolder
from reepi.store.settings import SETTINGS_FILE

STORES: Final = {"s3": "s3fs", "gs": "gcsfs", "az": "adlfs", "memory": ""}
"""Schemes of stores in which an object appears as a whole or not at all, with the package that speaks to each. Others,
such as ``sftp``, would show half-written files to a reader, and leave them behind when a run is killed."""

ONE_PROCESS: Final = "memory"
"""Scheme of the store that no other process sees."""


def place_of(text: str) -> Path:
    """Return the folder of a path or URL; one in an object store behaves as a `Path`, and is a `upath.UPath`.

    Raises
    ------
    InputError
        The scheme is none of `STORES` or ``file``, a ``file://`` names no folder of this machine by its full path, the
        package that speaks to the store is missing, or the store cannot be reached.
    """
    scheme, is_url, _ = text.partition("://")
    if not is_url:
        return Path(text)
    if scheme == "file":
        return _local(text)
    if scheme not in STORES:
        known = ", ".join(f"{each}://" for each in ("file", *STORES))
        raise InputError([Fault(text, f"results are not written to {scheme}://", f"Name a folder, or one of {known}.")])
    try:
        from upath import UPath

        # Workers write side by side: a listing that one has kept would not show what another wrote.
        place = UPath(text, use_listings_cache=False)
        # The package that speaks to the store is only looked for here.
        _ = place.fs
    except ImportError as error:
        install = "pip install 'reepi[remote]'" + (f" {STORES[scheme]}" if scheme not in ("s3", "memory") else "")
        raise InputError([Fault(text, f"{scheme}:// needs an extra ({error})", f"{install}.")]) from error
    try:
        place.exists()
    except _troubles(scheme) as error:
        remedy = "Check its address, its name and your rights there; see s3fs, gcsfs or adlfs for where keys are found."
        raise InputError([Fault(text, f"the store cannot be reached ({error})", remedy)]) from error
    return cast(Path, place)


def _local(url: str) -> Path:
    """Return the folder of a ``file://`` URL; ``?`` and ``#`` are letters of its name."""
    host, slash, path = url.partition("://")[2].partition("/")
    if not slash or host not in ("", "localhost"):
        remedy = "Write three slashes before its full path, as in file:///data/results, or the path alone."
        raise InputError([Fault(url, "it names no folder of this machine", remedy)])
    return Path(url2pathname(f"/{path}"))


def _troubles(scheme: str) -> tuple[type[Exception], ...]:
    """Return what a store raises that cannot be reached; the package for S3 lets errors of another kind through."""
    if scheme != "s3":
        return (OSError,)
    from botocore.exceptions import BotoCoreError

    return OSError, BotoCoreError


def results_place(study: Path, named: str | None) -> Path:
    """Return where the results of a study lie: as named, or within the study folder.

    Raises
    ------
    InputError
        See `place_of`.
    """
    return study / "results" if named is None else place_of(named)


def check_results(results: Path, folder: Path, study: Study) -> None:
    """Check that results may be written to a folder: nothing of a study lies there, and no other study's results.

    Parameters
    ----------
    results : Path
        Where they go.
    folder : Path
        The study folder.
    study : Study
        What is in it.

    Raises
    ------
    InputError
        The folder is the study's, holds it or its photographs, or is another study's; or it holds results of which no
        photograph is this study's.
    """
    remedy = "Choose a folder of its own for the results with --out."
    if is_remote(results):
        return
    place, home = results.resolve(), folder.resolve()
    parts = [Path(entry.file).parts for entry in study.photos]
    own = {PLACED, *(first for first, *rest in parts if rest)}
    if home.is_relative_to(place) or any(place.is_relative_to((home / name).resolve()) for name in own):
        raise InputError([Fault(str(results), "files of the study itself lie there", remedy)])
    if (place / SETTINGS_FILE).exists():
        raise InputError([Fault(str(results), "it is the folder of another study", remedy)])
    before = _declared(ResultsFolder(results).run)
    if before and study.photos and before.isdisjoint(entry.file for entry in study.photos):
        problem = "results of another study lie there: none of their photographs is in this one"
        raise InputError([Fault(str(results), problem, f"{remedy} Or remove them if they are not needed.")])


def _declared(run: Path) -> frozenset[str]:
    """Return the photographs that results are of; none where the record is missing, damaged or of an early version."""
    try:
        told = json.loads(run.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return frozenset()
    return frozenset(told.get("declared") or ()) if isinstance(told, dict) else frozenset()


def check_shared(results: Path, workers: int, scheduler: str | None) -> None:
    """Check that all processes that take part in a scoring see its results.

    Raises
    ------
    InputError
        They do not.
    """
    alone = scheduler is None and workers == 1
    if is_remote(results) and str(results).startswith(f"{ONE_PROCESS}://") and not alone:
        raise InputError([Fault(str(results), "no other process sees it", "Score with one worker, or elsewhere.")])


def check_local(path: Path, what: str, remedy: str) -> None:
    """Check that something lies in a folder that this machine sees.

    Raises
    ------
    InputError
        It lies in an object store.
    """
    if is_remote(path):
        raise InputError([Fault(str(path), f"{what} needs a folder that this machine sees", remedy)])
