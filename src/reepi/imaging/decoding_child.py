"""The child process of `reepi.imaging.decoding_process`: decodes what it is sent until its input ends."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph
from reepi.imaging.dicom_images import decode_dicom
from reepi.imaging.heif_images import decode_avif, decode_heic
from reepi.imaging.raw_images import decode_raw

MEMORY_BYTES: Final = 3 * 1024**3
"""Memory that a photograph's decoding may take: a 150-megapixel raw file at half size, with room."""

DECODERS: Final[dict[str, Callable[[bytes, int], Photograph]]] = {
    "heic": decode_heic,
    "avif": decode_avif,
    "raw": decode_raw,
    "dicom": decode_dicom,
}


def main() -> None:
    """Answer on what was standard output; whatever a decoder prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    _limit_memory()
    serve(sys.stdin.buffer, answers)


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Decode every photograph of ``requests``, a line of JSON and the file's bytes each, and answer alike."""
    while line := requests.readline():
        request = json.loads(line)
        content = requests.read(request["bytes"])
        try:
            photograph = DECODERS[request["kind"]](content, request["working_side"])
        except PhotographRejected as rejection:
            _answer(answers, {"code": rejection.code, "explanation": rejection.explanation})
        else:
            header: dict[str, object] = {
                "shape": photograph.pixels.shape,
                "original_size": photograph.original_size,
                "focal_px": photograph.focal_px,
            }
            _answer(answers, header, photograph.pixels.tobytes())


def _answer(answers: IO[bytes], header: dict[str, object], content: bytes = b"") -> None:
    answers.write(json.dumps(header).encode() + b"\n" + content)
    answers.flush()


def _limit_memory() -> None:
    """Limit what this process may take beside what it holds already, where the system can."""
    statistics = Path("/proc/self/statm")
    if not statistics.is_file():
        return
    import resource

    held = int(statistics.read_text().split()[0]) * resource.getpagesize()
    limit = held + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    # A crash leaves no picture of the memory, which would hold a patient's photograph.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
