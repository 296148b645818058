"""Names for folders that may be called alike."""

from collections.abc import Collection
from pathlib import Path


def path_ends(folders: Collection[Path]) -> dict[Path, str]:
    """Return the shortest ends of different absolute paths that tell them apart, all of one length."""
    longest = max(len(folder.parts) for folder in folders)
    tries = ({folder: "/".join(folder.parts[-n:]) for folder in folders} for n in range(1, longest + 1))
    return next(ends for ends in tries if len(set(ends.values())) == len(ends))
