"""Folders that are called alike bear as much of their paths as tells them apart."""

from pathlib import Path

import pytest

from reepi.core.path_ends import path_ends


@pytest.mark.parametrize(
    ("folders", "ends"),
    [
        (["/a/one", "/a/two"], ["one", "two"]),
        (["/a/x/data", "/a/y/data"], ["x/data", "y/data"]),
        (["/a/x/data", "/a/y/data", "/b/x/data"], ["a/x/data", "a/y/data", "b/x/data"]),
    ],
)
def test_ends_are_as_short_as_tells_them_apart(folders: list[str], ends: list[str]) -> None:
    """All of one length."""
    paths = [Path(folder) for folder in folders]
    assert path_ends(paths) == dict(zip(paths, ends, strict=True))
