"""Patients are rendered side by side, and no process is left behind."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from reepi.phantom.side_by_side import rendered

SLEEPERS = """
import time
from reepi.phantom.side_by_side import rendered

def sleep(seconds, index):
    print("begun", flush=True)
    time.sleep(seconds)

if __name__ == "__main__":
    list(rendered(sleep, 600, 2, workers=2))
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_patients_come_in_order(workers: int) -> None:
    assert list(rendered(pow, 7, 4, workers)) == [1, 7, 49, 343]


def test_processes_end_with_the_one_that_began_them(tmp_path: Path) -> None:
    """Killed, it cannot tell them; they would wait for ever and keep their memory."""
    script = tmp_path / "sleepers.py"
    script.write_text(SLEEPERS)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        begun = [process.stdout.readline() for _ in range(2)]
        workers = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    assert begun == [b"begun\n"] * 2
    assert len(workers) >= 2
    _, left = psutil.wait_procs(workers, timeout=30)
    assert not left
