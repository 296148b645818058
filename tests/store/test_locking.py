"""One at a time: who holds a lock, who waits, and what a killed process leaves behind."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reepi.store.locking import SILENT_SECONDS, Locked, locked


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / ".lock"


def left(lock: Path, host: str, process: int, silent: float = 0.0) -> None:
    lock.write_text(json.dumps({"host": host, "process": process, "what": "watching"}))
    os.utime(lock, (time.time() - silent,) * 2)


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


def test_a_process_that_is_gone_holds_nothing(lock: Path) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    left(lock, socket.gethostname(), int(gone.stdout))
    with locked(lock, "x"):
        assert json.loads(lock.read_text())["process"] == os.getpid()


def test_another_machine_holds_it_until_it_is_silent(lock: Path) -> None:
    left(lock, "elsewhere", 1, SILENT_SECONDS / 2)
    with pytest.raises(Locked, match="elsewhere"), locked(lock, "x"):
        pytest.fail("taken from a machine that is at work")
    left(lock, "elsewhere", 1, SILENT_SECONDS + 60)
    with locked(lock, "x"):
        pass


@pytest.mark.parametrize("text", ["", "{", "[]", '{"host": 3}'])
def test_a_damaged_lock_counts_until_it_is_silent(lock: Path, text: str) -> None:
    """It may be being written at this moment."""
    lock.write_text(text)
    with pytest.raises(Locked), locked(lock, "x"):
        pytest.fail("taken")
    os.utime(lock, (0, 0))
    with locked(lock, "x"):
        pass


def test_one_who_waits_gets_it(lock: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from reepi.store.locking import locked\n"
        "with locked(Path(sys.argv[1]), 'x'): print('held', flush=True); time.sleep(0.3)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(lock)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with locked(lock, "x", wait_seconds=20):
            assert other.wait(5) == 0
