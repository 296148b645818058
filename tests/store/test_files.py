"""Writing whole files or none."""

from pathlib import Path

import pytest

from reepi.store.files import remove_files, write_bytes, write_text


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_folders_are_made_and_nothing_else_is_left(tmp_path: Path) -> None:
    """The file is there with its content, and no temporary file beside it."""
    path = tmp_path / "new" / "deep" / "file.txt"
    write_text(path, "öpen\n")
    assert path.read_bytes() == "öpen\n".encode()
    assert names(path.parent) == ["file.txt"]


@pytest.mark.parametrize("failing", ["replace", "open"])
def test_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    """When writing fails at any step, the earlier content stays and no part of the new one."""
    path = tmp_path / "file.txt"
    write_bytes(path, b"old")

    def no_space(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, failing, no_space)
        with pytest.raises(OSError, match="No space"):
            write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file.txt"]


def test_removing_what_is_not_there(tmp_path: Path) -> None:
    """Files that are gone already are no fault."""
    write_bytes(tmp_path / "a", b"")
    remove_files([tmp_path / "a", tmp_path / "b"])
    assert names(tmp_path) == []
