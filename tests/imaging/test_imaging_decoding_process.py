"""A decoder that crashes, hangs or takes all memory costs one photograph and nothing else."""

import io
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from reepi.core.errors import PhotographRejected
from reepi.imaging import decoding_process
from reepi.imaging.decoding_process import decode_apart
from reepi.phantom.raw_files import dng_file

PIXELS = np.dstack([np.indices((80, 112)).sum(axis=0) % 200 + 20] * 3).astype(np.uint8)
DNG = dng_file(PIXELS)


@pytest.fixture(autouse=True)
def no_child_waits() -> Iterator[None]:
    """Begin and end without a child, so that the tests do not meet each other's."""
    decoding_process._end_all()
    yield
    decoding_process._end_all()


def child_that(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding_process, "_CHILD", ("-P", "-c", code))


def rejection(content: bytes = DNG) -> PhotographRejected:
    with pytest.raises(PhotographRejected) as rejected:
        decode_apart(content, "raw", 64)
    return rejected.value


def test_a_crash_is_a_rejection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch hears a reason with a remedy, and the next photograph is decoded."""
    with monkeypatch.context() as patched:
        child_that("import os, sys; sys.stdin.buffer.readline(); os.abort()", patched)
        crashed = rejection()
    assert crashed.code == "unreadable"
    assert "crashed" in crashed.explanation
    assert "JPEG" in crashed.explanation
    assert decode_apart(DNG, "raw", 64).original_size == (80, 112)


def test_a_child_that_does_not_listen_is_a_rejection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends before it has taken the file is the same."""
    child_that("pass", monkeypatch)
    assert "crashed" in rejection(DNG * 40).explanation


def test_a_decoder_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time the child is killed."""
    monkeypatch.setattr(decoding_process, "SECONDS", 0.2)
    child_that("import time; time.sleep(100)", monkeypatch)
    assert "took more than" in rejection().explanation


def test_half_an_answer_is_a_rejection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer pixels than announced are no photograph."""
    answer = json.dumps({"shape": [80, 112, 3], "original_size": [80, 112], "focal_px": None})
    child_that(f"print('{answer}', flush=True)", monkeypatch)
    assert rejection().code == "unreadable"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's memory as it is set here")
def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decoder that asks for more than it may have gets nothing."""
    child_that(
        "from reepi.imaging import decoding_child as child\n"
        "from reepi.core.errors import PhotographRejected\n"
        "def greedy(content, side):\n"
        "    try:\n"
        "        bytearray(2 * child.MEMORY_BYTES)\n"
        "    except MemoryError:\n"
        "        raise PhotographRejected('too_large', 'limited.')\n"
        "child.DECODERS['raw'] = greedy\n"
        "child.main()\n",
        monkeypatch,
    )
    assert rejection().code == "too_large"


def test_what_a_decoder_prints_does_not_mix_with_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries warn on standard output as they like."""
    child_that(
        "import os\nfrom reepi.imaging import decoding_child as child\ndecode = child.DECODERS['raw']\n"
        "def chatty(content, side):\n"
        "    os.write(1, b'warning')\n"
        "    return decode(content, side)\n"
        "child.DECODERS['raw'] = chatty\n"
        "child.main()\n",
        monkeypatch,
    )
    assert decode_apart(DNG, "raw", 64).size == (46, 64)


def test_a_child_serves_many_photographs_and_threads() -> None:
    """The second photograph does not wait for a start, and threads do not get each other's pictures."""
    decode_apart(DNG, "raw", 64)
    (first,) = decoding_process._idle
    decode_apart(DNG, "raw", 64)
    assert decoding_process._idle == [first]
    grey = {value: dng_file(np.full((80, 112, 3), value, np.uint8)) for value in (40, 90, 140, 190)}
    with ThreadPoolExecutor(2) as threads:
        decoded = dict(
            zip(grey, threads.map(lambda content: decode_apart(content, "raw", 64), grey.values()), strict=True)
        )
    for value, photograph in decoded.items():
        np.testing.assert_allclose(photograph.pixels, value, atol=1)


def test_a_child_that_met_a_damaged_file_is_not_used_again() -> None:
    """What a damaged file did to a decoder's memory, no other photograph finds there."""
    decode_apart(DNG, "raw", 64)
    rejection(DNG[:500])
    assert not decoding_process._idle


def test_damaged_files_are_answered() -> None:
    """One child answers two hundred damaged files one after the other, each read or rejected, and ends well."""
    chance, files = random.Random(4), {"heic": heic(), "avif": avif(), "raw": DNG}  # noqa: S311 no secret
    requests, kinds = io.BytesIO(), [chance.choice(sorted(files)) for _ in range(200)]
    for kind in kinds:
        content = damaged(files[kind], chance)
        header = {"kind": kind, "working_side": 64, "bytes": len(content)}
        requests.write(json.dumps(header).encode() + b"\n" + content)
    child = [sys.executable, *decoding_process._CHILD]
    done = subprocess.run(child, input=requests.getvalue(), capture_output=True, timeout=120, check=False)
    assert done.returncode == 0
    answers, at = [], 0
    while at < len(done.stdout):
        end = done.stdout.index(b"\n", at)
        answers.append(json.loads(done.stdout[at:end]))
        at = end + 1 + int(np.prod(answers[-1].get("shape", [0])))
    assert len(answers) == len(kinds)
    assert {answer.get("code", "read") for answer in answers} <= {
        "read", "unreadable", "truncated", "too_large", "too_small", "several_pictures",
    }  # fmt: skip
    assert sum("code" in answer for answer in answers) > 50


def damaged(content: bytes, chance: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(min(len(data), chance.choice((600, len(data)))))
        data[at] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256)))
    return bytes(data[: chance.choice((len(data), len(data), chance.randrange(20, len(data))))])


def heic() -> bytes:
    content = io.BytesIO()
    pillow_heif.encode("RGB", (112, 80), PIXELS.tobytes(), content, quality=60)
    return content.getvalue()


def avif() -> bytes:
    content = io.BytesIO()
    Image.fromarray(PIXELS).save(content, "AVIF")
    return content.getvalue()
