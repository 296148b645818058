"""Where results lie: a folder that this machine sees, or a URL of an object store."""

from pathlib import Path
from typing import Final, cast
from urllib.parse import unquote, urlsplit

from reepi.core.errors import Fault, InputError
from reepi.store.files import is_remote

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
        The scheme is none of `STORES` or ``file``, the package that speaks to the store is missing, or the store
        cannot be reached.
    """
    scheme, is_url, _ = text.partition("://")
    if not is_url:
        return Path(text)
    if scheme == "file":
        return Path(unquote(urlsplit(text).path))
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
