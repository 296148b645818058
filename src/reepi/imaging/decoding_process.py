"""Decodes in a process of its own what comes from decoders that are too large to be trusted with a damaged file.

HEIC, AVIF and camera raw are decoded by C and C++ libraries of hundreds of formats and codecs. A mangled file may make
them crash, run on or take all memory; in a process with limits, that costs one photograph and not the batch. The
process stays for the next photograph, so that only the first one waits for it to start.
"""

import atexit
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, Final, Literal

import numpy as np

from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph

IsolatedType = Literal["heic", "avif", "raw", "dicom"]

SECONDS: Final = 60.0
"""Longest time for one photograph [s]; a 150-megapixel raw file takes about ten."""

_PACKAGES: Final = Path(__file__).parents[2]
"""The folder that this package is imported from: the child must find the same one, wherever it is started."""

_CHILD: Final = ("-P", "-m", "reepi.imaging.decoding_child")
"""Arguments of the child; -P keeps the working folder, perhaps a study of strangers' files, off its search path."""

_GONE: Final = (OSError, ValueError, EOFError)
"""What reading from or writing to a process raises that has ended."""


class _Decoder:
    """A child process that decodes one photograph after the other."""

    def __init__(self) -> None:
        search = os.pathsep.join([str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])])
        # One thread each: the batch runs several photographs at once.
        surroundings = os.environ | {"PYTHONPATH": search, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self.owner = os.getpid()
        self.late = False
        self.process = subprocess.Popen(  # noqa: S603 the interpreter that runs this very code
            [sys.executable, *_CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=surroundings,
        )

    def decode(self, content: bytes, kind: IsolatedType, working_side: int) -> Photograph:
        """Return the photograph; raise `PhotographRejected` as the child says, or `EOFError` if it ends."""
        stdin, stdout = self._pipes()
        header = {"kind": kind, "working_side": working_side, "bytes": len(content)}
        stdin.write(json.dumps(header).encode() + b"\n" + content)
        stdin.flush()
        answer = json.loads(stdout.readline() or b"null")
        if answer is None:
            raise EOFError
        if "code" in answer:
            raise PhotographRejected(answer["code"], answer["explanation"])
        return _photograph(answer, stdout)

    def give_up(self) -> None:
        """Stop the child because its time is over."""
        self.late = True
        self.process.kill()

    def end(self) -> None:
        """Stop the child at once; it has nothing to lose."""
        self.process.kill()
        for pipe in self._pipes():
            try:
                pipe.close()
            except OSError:
                continue
        self.process.wait()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self.process.stdin is None or self.process.stdout is None:
            raise EOFError
        return self.process.stdin, self.process.stdout


def _photograph(answer: dict[str, Any], stdout: IO[bytes]) -> Photograph:
    shape = tuple(answer["shape"])
    content = stdout.read(int(np.prod(shape)))
    if len(content) != int(np.prod(shape)):
        raise EOFError
    pixels = np.frombuffer(content, np.uint8).reshape(shape).copy()
    height, width = answer["original_size"]
    return Photograph(pixels, (height, width), answer["focal_px"])


_idle: list[_Decoder] = []
_lock = threading.Lock()


def decode_apart(content: bytes, kind: IsolatedType, working_side: int) -> Photograph:
    """Return the photograph of a file's bytes, decoded in a child process with limits of time and memory.

    Raises
    ------
    PhotographRejected
        As the decoder says; ``unreadable`` also if it crashed, took too long or more memory than it may.
    """
    decoder = _taken()
    # From a file that broke its decoder another photograph must not suffer: only a child that answered is kept.
    watch = threading.Timer(SECONDS, decoder.give_up)
    watch.start()
    try:
        photograph = decoder.decode(content, kind, working_side)
    except PhotographRejected:
        decoder.end()
        raise
    except _GONE:
        decoder.end()
        raise _stopped(kind, decoder.late) from None
    except BaseException:
        decoder.end()
        raise
    finally:
        watch.cancel()
    with _lock:
        _idle.append(decoder)
    return photograph


def _taken() -> _Decoder:
    with _lock:
        while _idle:
            decoder = _idle.pop()
            # After a fork, the parent's child is not ours to talk to.
            if decoder.owner == os.getpid() and decoder.process.poll() is None:
                return decoder
    return _Decoder()


def _stopped(kind: IsolatedType, late: bool) -> PhotographRejected:
    what = f"took more than {SECONDS:.0f} s" if late else "crashed"
    explanation = f"Its {_NAMES[kind]} decoder {what}. Copy the file again, or export the photograph as JPEG."
    return PhotographRejected("unreadable", explanation)


_NAMES: Final[dict[IsolatedType, str]] = {"heic": "HEIC", "avif": "AVIF", "raw": "camera raw", "dicom": "DICOM"}


@atexit.register
def _end_all() -> None:
    with _lock:
        while _idle:
            decoder = _idle.pop()
            if decoder.owner == os.getpid():
                decoder.end()
