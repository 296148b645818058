"""Whole files or none: every write goes to a temporary file that is then renamed, or is one put to an object store."""

import errno
import os
import stat
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, cast

from reepi.core.errors import NotWritten

UNFINISHED: Final = ".part"
"""End of the name of a file that is being written, or that a killed run left behind."""

_SHOWN: Final = 40
"""Characters of a file's name in that of its temporary file, so that people see what it was to be."""

_GO_ON: Final = "Then run it again; what is finished is kept."

_FULL = ("the disk is full", f"Make room on it, or choose another folder. {_GO_ON}")
_QUOTA = ("your share of the disk is used up", f"Remove files of yours, or choose another folder. {_GO_ON}")
_READ_ONLY = ("the disk can only be read", f"Make it writable, or choose another folder. {_GO_ON}")
_FORBIDDEN = ("you may not write there", f"Give yourself the right to, or choose another folder. {_GO_ON}")
_GONE = ("its folder is gone", f"Bring the disk or the share back. {_GO_ON}")
_NO_FOLDER = ("a file lies where a folder is needed", "Remove it, or choose another folder.")
_LONG = ("the name is too long for this disk", "Choose a folder with a shorter path, or shorten the photograph's name.")

_TROUBLE: Final[dict[int | None, tuple[str, str]]] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _QUOTA,
    errno.EFBIG: ("the file is larger than may be written", f"Raise the limit (ulimit -f). {_GO_ON}"),
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.ENOENT: _GONE,
    errno.ESTALE: _GONE,
    errno.ENOTCONN: _GONE,
    errno.ENODEV: _GONE,
    errno.EIO: ("the disk or the share does not answer as it should", f"Check it. {_GO_ON}"),
    errno.ENOTDIR: _NO_FOLDER,
    errno.EEXIST: _NO_FOLDER,
    errno.ENAMETOOLONG: _LONG,
    errno.EMFILE: ("too many files are open", f"Raise the limit (ulimit -n). {_GO_ON}"),
}
"""What is wrong and what to do, by the number of the system's error."""


def not_written(path: Path, error: OSError) -> NotWritten:
    """Return what to tell of a file that could not be written."""
    other = (" ".join((error.strerror or str(error) or type(error).__name__).split()), f"Check the folder. {_GO_ON}")
    problem, remedy = _TROUBLE.get(error.errno, other)
    return NotWritten(str(path), f"cannot be written, {problem}", remedy)


def in_words(error: OSError) -> str:
    """Return what to tell of an error of the system that names a file, be it of reading or of writing."""
    if error.filename is None:
        return str(error)
    if isinstance(error, FileNotFoundError):
        return f"{error.filename}: it is not there. Bring it back, or correct its name."
    if isinstance(error, PermissionError):
        return f"{error.filename}: it cannot be opened, you may not. Give yourself the right to, or name another."
    told = not_written(Path(error.filename), error)
    return f"{told.path}: {told.problem.removeprefix('cannot be written, ')}. {told.remedy}"


def check_writable(path: Path) -> None:
    """Check, before the work whose result it is to hold, that a file can be written.

    Raises
    ------
    NotWritten
        Its folder, or the nearest one above it that is there, cannot be written to.
    """
    with telling(path):
        folder = next(each for each in path.absolute().parents if each.exists())
        tempfile.TemporaryFile(dir=folder).close()


def make_folder(path: Path) -> None:
    """Make a folder and those that it lies in, where they are missing.

    Raises
    ------
    NotWritten
        It cannot be made, or a file is in its place.
    """
    with telling(path):
        path.mkdir(parents=True, exist_ok=True)


def is_remote(path: Path) -> bool:
    """Return whether a path lies in an object store; then it is a `upath.UPath`, which is no `Path` but acts as one."""
    return not isinstance(cast(object, path), Path)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file in one step, so that a reader or a killed run sees the old file or the new one, never a part.

    Missing folders are made. The temporary file lies beside its target, since a rename is only atomic there. A file
    that is there already keeps its mode and, where the system lets it, its group; one that a link leads to is written
    where it lies. In an object store there are no folders, and a put is atomic by itself.

    Raises
    ------
    NotWritten
        The folder cannot be written to, or the disk is full.
    """
    if is_remote(path):
        with telling(path):
            path.write_bytes(content)
    else:
        write_pieces(path, (content,))


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file in one step, as `write_bytes` does, without holding all of it in memory.

    Parameters
    ----------
    path : Path
        The file.
    pieces : iterable of bytes
        What it holds, in order. What they raise leaves the old file, and is raised as it is.

    Raises
    ------
    NotWritten
        The folder cannot be written to, or the disk is full.
    """
    if is_remote(path):
        with tempfile.TemporaryDirectory(prefix="reepi-put-") as folder:
            local = Path(folder) / "file"
            write_pieces(local, pieces)
            store = cast(Any, path)
            with telling(path):
                store.fs.put_file(str(local), store.path)
        return
    with telling(path):
        target = Path(os.path.realpath(path)) if path.is_symlink() else path
        before = target.stat() if target.exists() else None
    # A name of its own, and no longer than the target's may be: two machines may write the same file on a share.
    temporary = target.with_name(f".{target.name[:_SHOWN]}.{uuid.uuid4().hex}{UNFINISHED}")
    try:
        with telling(path):
            target.parent.mkdir(parents=True, exist_ok=True)
            if before is not None:
                temporary.touch(0o600)
            file = temporary.open("wb")
            if before is not None:
                _make_like(temporary, before)
        try:
            for piece in pieces:
                with telling(path):
                    file.write(piece)
            with telling(path):
                file.flush()
                os.fsync(file.fileno())
        finally:
            with suppress(OSError):
                file.close()
        with telling(path):
            temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _make_like(path: Path, other: os.stat_result) -> None:
    """Give a file the mode of another and, as far as the system and its share allow, the group."""
    # A change of the group takes bits of the mode away.
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(path, -1, other.st_gid)
    with suppress(OSError):
        path.chmod(stat.S_IMODE(other.st_mode))


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Tell of a file that could not be written in words."""
    try:
        yield
    except OSError as error:
        raise not_written(path, error) from error


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text file in one step, with line ends as given; see `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def remove_files(paths: Iterable[Path]) -> None:
    """Remove files that may or may not be there.

    Raises
    ------
    NotWritten
        One is there and cannot be removed.
    """
    for path in paths:
        with telling(path):
            path.unlink(missing_ok=True)
