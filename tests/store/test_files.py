"""Writing whole files or none, and what is told where that does not go."""

import errno
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from reepi.core.errors import NotWritten
from reepi.store.files import check_writable, in_words, not_written, remove_files, write_bytes, write_pieces, write_text

UNPRIVILEGED = 65534
"""User that may write nowhere."""


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
        with pytest.raises(NotWritten, match=r"file\.txt: cannot be written, the disk is full"):
            write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file.txt"]


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
@pytest.mark.parametrize("mode", [0o600, 0o660, 0o664, 0o400])
def test_a_file_keeps_its_mode(tmp_path: Path, mode: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor could anybody else read what is being written; a new file has the usual one."""
    path = tmp_path / "photos.csv"
    write_bytes(path, b"old")
    usual = path.stat().st_mode
    path.chmod(mode)
    asked = []
    whole = Path.touch
    monkeypatch.setattr(Path, "touch", lambda path, mode: (asked.append(mode), whole(path, mode))[1])
    write_bytes(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777, asked) == (b"new", mode, [0o600])
    write_bytes(tmp_path / "other", b"")
    assert (tmp_path / "other").stat().st_mode == usual


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="root alone may give files away")
def test_a_file_keeps_its_group(tmp_path: Path) -> None:
    """Colleagues who may write the list of a study may write it afterwards."""
    write_bytes(tmp_path / "photos.csv", b"old")
    os.chown(tmp_path / "photos.csv", -1, UNPRIVILEGED)
    (tmp_path / "photos.csv").chmod(0o660)
    write_bytes(tmp_path / "photos.csv", b"new")
    now = (tmp_path / "photos.csv").stat()
    assert (now.st_gid, now.st_mode & 0o777) == (UNPRIVILEGED, 0o660)


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_one(tmp_path: Path, there: bool) -> None:
    """The file that it leads to is written, in one step where it lies, be it there or not."""
    (tmp_path / "shared").mkdir()
    real, link = tmp_path / "shared" / "real.csv", tmp_path / "photos.csv"
    if there:
        real.write_bytes(b"old")
    link.symlink_to(Path("shared") / "real.csv")
    write_bytes(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert (names(tmp_path), names(real.parent)) == (["photos.csv", "shared"], ["real.csv"])


def test_pieces_are_joined(tmp_path: Path) -> None:
    """A file that is written piece by piece is one file, and holds all of them in order."""
    write_pieces(tmp_path / "new" / "file", (bytes([k]) * k for k in range(5)))
    assert (tmp_path / "new" / "file").read_bytes() == b"\x01\x02\x02\x03\x03\x03\x04\x04\x04\x04"
    assert names(tmp_path / "new") == ["file"]


def test_pieces_that_fail_leave_the_old_file(tmp_path: Path) -> None:
    """An error of what makes the pieces is raised as it is, and is not told as one of the file's."""
    write_bytes(tmp_path / "file", b"old")

    def pieces() -> Iterator[bytes]:
        yield b"new"
        raise OSError(28, "another disk is full")

    with pytest.raises(OSError, match="another disk"):
        write_pieces(tmp_path / "file", pieces())
    assert (tmp_path / "file").read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_removing_what_is_not_there(tmp_path: Path) -> None:
    """Files that are gone already are no fault."""
    write_bytes(tmp_path / "a", b"")
    remove_files([tmp_path / "a", tmp_path / "b"])
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EDQUOT, "used up"),
        (errno.EROFS, "only be read"),
        (errno.EACCES, "may not write"),
        (errno.ENOENT, "gone"),
        (errno.ESTALE, "gone"),
        (errno.ENAMETOOLONG, "too long"),
        (errno.ENOTDIR, "a file lies where a folder"),
        (errno.EXDEV, "cross-device"),
    ],
)
def test_trouble_is_told_with_file_and_remedy(number: int, problem: str) -> None:
    """In words, never by its number; also once it has travelled between processes."""
    told = not_written(Path("a/b.png"), OSError(number, os.strerror(number)))
    assert problem in str(told).replace("C", "c")
    assert str(told).startswith("a/b.png: ")
    assert "Errno" not in str(told)
    assert str(told).count(". ") >= 1
    assert str(pickle.loads(pickle.dumps(told))) == str(told)  # noqa: S301 our own bytes


def test_a_name_of_the_greatest_length_is_written(tmp_path: Path) -> None:
    """The temporary file's name is no longer than its target's may be; one letter more is told."""
    write_bytes(tmp_path / ("ä" * 127), b"x")
    write_bytes(tmp_path / ("a" * 255), b"x")
    with pytest.raises(NotWritten, match="too long"):
        write_bytes(tmp_path / ("a" * 256), b"x")
    assert len(names(tmp_path)) == 2


def test_a_limit_of_the_system_leaves_nothing(tmp_path: Path) -> None:
    """A real write that fails in its middle: no part is left, and the old file stays."""
    code = f"""
import resource
from pathlib import Path
from reepi.store.files import write_bytes
path = Path({str(tmp_path / "file")!r})
write_bytes(path, b"old")
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
write_bytes(path, bytes(5000))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "larger than may be written" in ended.stderr
    assert (tmp_path / "file").read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="root alone may become another user")
def test_another_user() -> None:
    """Who may not write is told so; the file stays as it was, also where it should be removed."""
    code = """
import os, sys
from pathlib import Path
from reepi.core.errors import NotWritten
from reepi.store.files import remove_files, write_bytes
path = Path(sys.argv[1])
os.setuid(int(sys.argv[2]))
for attempt in (lambda: write_bytes(path, b"new"), lambda: remove_files([path])):
    try:
        attempt()
    except NotWritten as error:
        print(error)
"""
    # pytest's own folders can be entered by their owner only.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "file"
        path.write_bytes(b"old")
        ended = subprocess.run(
            [sys.executable, "-c", code, str(path), str(UNPRIVILEGED)], capture_output=True, text=True, check=True
        )
        assert ended.stdout.count(f"{path}: cannot be written, you may not write there") == 2
        assert path.read_bytes() == b"old"
        assert names(Path(folder)) == ["file"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOENT, "it is not there. Bring it back"),
        (errno.EACCES, "it cannot be opened, you may not. Give yourself the right to"),
        (errno.ENOSPC, "the disk is full. Make room on it"),
        (errno.EISDIR, "Is a directory. Check the folder."),
    ],
)
def test_an_error_of_the_system_is_told_in_words(number: int, words: str) -> None:
    """The file, what is wrong and what to do, and not the number; one that names no file is told as it is."""
    told = in_words(OSError(number, os.strerror(number), "study/file.csv"))
    assert told.startswith(f"study/file.csv: {words}")
    assert in_words(OSError("the share is gone")) == "the share is gone"


def test_whether_a_file_can_be_written_is_known_beforehand(tmp_path: Path) -> None:
    """Folders that are still to be made are no trouble and are not made; a file in the place of one is."""
    check_writable(tmp_path / "new" / "deep" / "file.csv")
    assert names(tmp_path) == []
    (tmp_path / "taken").touch()
    with pytest.raises(NotWritten, match=r"taken/file.csv: cannot be written, a file lies where a folder is needed"):
        check_writable(tmp_path / "taken" / "file.csv")
    with pytest.raises(NotWritten, match="too long"):
        check_writable(tmp_path / ("x" * 300) / "file.csv")
