"""Placements that were handed on with a study, ``placed/<stem>.json``: where each photograph lies on the body."""

import json
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from reepi.body.template import BodyTemplate
from reepi.core.errors import PhotographRejected
from reepi.core.study import PhotoEntry
from reepi.core.surface import Registration
from reepi.mapping.placement import Placement
from reepi.store.provenance import bytes_hash, photograph_hash
from reepi.store.registration_files import plain_text

PLACED: Final = "placed"
"""Folder of a study folder."""


def placement_name(file: str) -> str:
    """Return the path of a photograph's placement within its study folder."""
    return f"{PLACED}/{PurePosixPath(file).stem}.json"


def placement_text(file: str, content: bytes, registration: Registration, template: BodyTemplate) -> str:
    """Return a photograph's placement as JSON.

    Parameters
    ----------
    file : str
        Its file, as in ``photos.csv``.
    content : bytes
        Of that file; of another the placement says nothing.
    registration : Registration
        Where it lies.
    template : BodyTemplate
        On this body; on another the placement says nothing.
    """
    of_what = {"file": file, "photograph_sha256": bytes_hash(content), "body_sha256": template.fingerprint}
    return plain_text({**of_what, **Placement.of(registration).plain})


def placement_of(study: Path, file: str, template: BodyTemplate) -> Placement | None:
    """Return where a photograph was placed before it was handed on.

    Parameters
    ----------
    study : Path
        The study folder.
    file : str
        The photograph's file, as in ``photos.csv``.
    template : BodyTemplate
        The patient's body.

    Returns
    -------
    Placement or None
        None where nobody says, or photograph or body are no longer the ones that it was found with.

    Raises
    ------
    PhotographRejected
        The placement cannot be read.
    """
    name = placement_name(file)
    try:
        said = json.loads((study / name).read_text(encoding="utf-8"))
        placement = Placement.from_plain(said)
        of_what = (said["file"], said["photograph_sha256"], said["body_sha256"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError) as error:
        raise PhotographRejected(
            "placement_unreadable",
            f"{name} should tell where it lies on the body, and cannot be read ({error}). Restore that file, or remove "
            f"it, and the place is sought anew.",
        ) from error
    return placement if of_what == (file, photograph_hash(study / file), template.fingerprint) else None


def placement_hash(study: Path, file: str) -> str:
    """Return the SHA-256 of a photograph's placement, empty where there is none."""
    try:
        return bytes_hash((study / placement_name(file)).read_bytes())
    except OSError:
        return ""


def placement_hashes(study: Path, photos: Iterable[PhotoEntry]) -> dict[str, str]:
    """Return the hash of each placement that is there, by its path within the study folder."""
    hashes = {placement_name(entry.file): placement_hash(study, entry.file) for entry in photos}
    return {name: digest for name, digest in hashes.items() if digest}
