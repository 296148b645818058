"""One at a time: who holds a lock, who waits, and what a killed process leaves behind."""

import errno
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reepi.core.errors import NotWritten
from reepi.store import locking
from reepi.store.locking import Locked, locked

HOLD = """
import os, sys, time
from pathlib import Path
from reepi.store.locking import locked
with locked(Path(sys.argv[1]), "counting", wait_seconds=60):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""

INCREASE = """
import sys
from pathlib import Path
from reepi.store.locking import locked
for _ in range(int(sys.argv[2])):
    with locked(Path(sys.argv[1]), "counting", wait_seconds=60):
        number = Path(sys.argv[1] + ".number")
        number.write_text(str(int(number.read_text()) + 1))
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / ".lock"


@contextmanager
def another(lock: Path, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock), str(seconds)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        yield other


def test_a_second_is_told_who_is_at_it(lock: Path) -> None:
    with (
        locked(lock, "watching"),
        pytest.raises(Locked, match=rf"process {os.getpid()} on .*watching"),
        locked(lock, ""),
    ):
        pytest.fail("two at a time")
    assert not lock.exists()


def test_it_is_given_back_after_an_error(lock: Path) -> None:
    with pytest.raises(KeyError), locked(lock, "x"):
        raise KeyError
    with locked(lock, "x"):
        assert lock.exists()


def test_a_killed_process_holds_nothing(lock: Path) -> None:
    """Not for a moment: the system lets go of it with the process. What it left is taken over and removed."""
    with another(lock, 60) as other:
        with pytest.raises(Locked, match=rf"process {other.pid} .*counting"), locked(lock, "x"):
            pytest.fail("two at a time")
        other.kill()
        other.wait()
    assert lock.exists()
    with locked(lock, "x"):
        assert json.loads(lock.read_text())["process"] == os.getpid()
    assert not lock.exists()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"host": 3}', json.dumps({"host": socket.gethostname(), "process": 1, "what": "x"})],
)
def test_what_stands_in_a_file_that_nobody_holds_does_not_count(lock: Path, text: str) -> None:
    """Empty, damaged, of a process number that another has by now; of today, of 1970, of next year."""
    for moment in (0, time.time(), time.time() + 1e7):
        lock.write_text(text)
        os.utime(lock, (moment, moment))
        with locked(lock, "x"):
            assert json.loads(lock.read_text())["what"] == "x"


def test_a_held_lock_counts_whatever_stands_in_it(lock: Path) -> None:
    with another(lock, 60) as other:
        lock.write_text("")
        os.utime(lock, (0, 0))
        with pytest.raises(Locked, match="another process"), locked(lock, "x"):
            pytest.fail("two at a time")
        other.kill()


def test_one_who_waits_gets_it(lock: Path) -> None:
    with another(lock, 0.3) as other, locked(lock, "x", wait_seconds=20):
        assert other.wait(5) == 0


def test_of_many_at_once_each_has_it_alone(lock: Path, tmp_path: Path) -> None:
    """A number is read and written under the lock by three processes, one of which is killed: no count is lost."""
    number = tmp_path / ".lock.number"
    number.write_text("0")
    command = [sys.executable, "-c", INCREASE, str(lock)]
    counters = [subprocess.Popen([*command, "40"]) for _ in range(2)]
    with another(lock, 60) as other:
        other.kill()
    assert [counter.wait(60) for counter in counters] == [0, 0]
    assert number.read_text() == "80"
    # Where the one that was killed was the last of all, its file is there; the lock is not.
    with locked(lock, "the last"):
        pass
    assert not lock.exists()


def test_threads_of_one_process_exclude_each_other(lock: Path) -> None:
    inside, most = [0], [0]

    def enter() -> None:
        for _ in range(20):
            with locked(lock, "x", wait_seconds=60):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.0005)
                inside[0] -= 1

    threads = [threading.Thread(target=enter) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_a_lock_that_was_removed_meanwhile_is_not_taken(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its holder removes the file after we opened it and before we lock it: a third would make a new one."""
    take, removed = locking._lock, []

    def removed_before(file: int) -> None:
        if not removed:
            removed.append(file)
            lock.unlink()
        take(file)

    monkeypatch.setattr(locking, "_lock", removed_before)
    with locked(lock, "x"), pytest.raises(Locked), locked(lock, "y"):
        pytest.fail("two at a time")
    assert removed


def test_without_locks_the_file_is_the_lock(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems have none. A file that was left there keeps others out; they are told to remove it."""

    def none(file: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(locking, "_lock", none)
    with locked(lock, "x"), pytest.raises(Locked, match="at it"), locked(lock, "y"):
        pytest.fail("two at a time")
    assert not lock.exists()
    lock.touch()
    with pytest.raises(Locked, match=r"remove \.lock"), locked(lock, "y"):
        pytest.fail("taken")


def test_no_link_is_followed(lock: Path, tmp_path: Path) -> None:
    """A study folder may be a stranger's; what its links lead to is not written to."""
    (tmp_path / "letter").write_text("Dear")
    lock.symlink_to(tmp_path / "letter")
    with pytest.raises(NotWritten), locked(lock, "x"):
        pytest.fail("taken")
    assert (tmp_path / "letter").read_text() == "Dear"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotWritten, match=r"nothing.*folder is gone"), locked(tmp_path / "nothing" / ".lock", "x"):
        pytest.fail("taken")
