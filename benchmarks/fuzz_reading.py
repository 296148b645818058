"""Fuzz the reading of files: damaged photographs of every type, and what they cost in crashes, time and memory.

Run with ``python benchmarks/fuzz_reading.py [--minutes 10] [--engine mutation|atheris] [--seed 0] [--keep DIR]``.
Prints a Markdown table of what became of the files, a row a type, and the largest memory of the process that reads and
of those that decode. Decoders that reepi runs in a process of their own are called here without one most of the time,
since that is faster; a file that crashes or holds them up is then read as reepi does, and must end as rejected. Files
that crash the reader or raise anything but a rejection are kept in the folder, and the exit status is 1 if there are
any. ``atheris`` (``pip install atheris``) leads the mutations by the coverage of the Python code.
"""

import argparse
import hashlib
import io
import json
import random
import resource
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageCms

from reepi.core.errors import PhotographRejected
from reepi.core.images import Pixels
from reepi.imaging.decoding_child import DECODERS
from reepi.imaging.file_types import file_type
from reepi.imaging.reading import decode_photograph
from reepi.phantom.raw_files import dng_file

MEMORY_LIMIT_MIB = 4096
"""More in any one process counts as unbounded: a 150-megapixel picture decodes in about half of it."""

DIRECTLY = 0.97
"""Share of the files whose decoder is called without a process of its own."""

SLOW_S = 60.0
"""A file that takes longer counts as one that hangs [s]."""

NUMBERS = (0, 1, 2, 3, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Values at the limits of what a field can hold."""

MAKERS = (b"Canon\0", b"NIKON\0", b"Sony\0\0", b"Kodak\0", b"Leica\0", b"OLYMP\0")
"""Makers whose raw files LibRaw reads by rules of their own, as long as the one they take the place of."""

MAGICS = (b"FUJIFILMCCD-RAW 0201FF", b"IIRO\x08\0\0\0", b"IIU\0\x08\0\0\0", b"FOVb\0\0\x02\0", b"II\x1a\0\0\0HEAPCCDR")
"""Beginnings of raw files that are not built like a DNG."""


def picture(height: int = 80, width: int = 112) -> Pixels:
    """Return a small photograph with an edge, a ramp and noise."""
    rows, cols = np.mgrid[:height, :width]
    pixels = np.stack([rows * 2, cols * 2, (rows + cols) % 64 * 3], axis=-1)
    return np.clip(pixels + np.random.default_rng(0).normal(0, 6, pixels.shape), 0, 255).astype(np.uint8)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Return an image as the bytes of a file."""
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def seeds() -> dict[str, list[bytes]]:
    """Return sound files by type, in the variants that take other ways through a decoder."""
    pixels, image = picture(), Image.fromarray(picture())
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0xA405] = 26
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    deep = pixels.astype(np.uint16) * 257
    whole = {"exif": exif.tobytes(), "icc_profile": profile}
    jpeg = [saved(image, "JPEG", **whole), saved(image, "JPEG", progressive=True), saved(image.convert("CMYK"), "JPEG")]
    png = [
        saved(image, "PNG", **whole),
        saved(image.quantize(16), "PNG"),
        saved(image, "PNG", save_all=True, append_images=[image.rotate(90)]),
    ]
    png.append(cv2.imencode(".png", deep)[1].tobytes())
    ways = ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
    tiff = [saved(image, "TIFF", compression=way, icc_profile=profile) for way in ways]
    tiff += [
        cv2.imencode(".tiff", deep)[1].tobytes(),
        saved(image.convert("CMYK"), "TIFF"),
        saved(image.convert("LAB"), "TIFF"),
    ]
    tiff.append(saved(image, "TIFF", save_all=True, append_images=[image]))
    tiff.append(saved(Image.fromarray(deep[..., 0]), "TIFF", compression="tiff_lzw"))
    raw = [dng_file(pixels, orientation=6), *(dng_file(pixels).replace(b"reepi\0", maker, 1) for maker in MAKERS)]
    raw += [magic + raw[0] for magic in MAGICS]
    raw.append(raw[0][:8] + b"CR\2\0" + raw[0][12:])
    return {
        "jpeg": jpeg,
        "png": png,
        "tiff": tiff,
        "heic": heic_seeds(image, deep),
        "avif": avif_seeds(image),
        "raw": raw,
        "dicom": dicom_seeds(pixels, jpeg[0]),
    }


def dicom_seeds(pixels: Pixels, jpeg: bytes) -> list[bytes]:
    """Return DICOM objects: plain, in planes, grey of 12 bits, with a palette, of two frames, and compressed."""
    from pydicom.encaps import encapsulate
    from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit, JPEGLSLossless, RLELossless

    rgb = {"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3, "PlanarConfiguration": 0}
    deep = (pixels[..., 0].astype(np.uint16) * 16).tobytes()
    grey = {"BitsAllocated": 16, "BitsStored": 12, "HighBit": 11, "PixelData": deep}
    tables = {f"{name}PaletteColorLookupTableDescriptor": [256, 0, 8] for name in ("Red", "Green", "Blue")}
    tables |= {f"{name}PaletteColorLookupTableData": bytes(range(256)) for name in ("Red", "Green", "Blue")}
    palette = {"PhotometricInterpretation": "PALETTE COLOR", "PixelData": pixels[..., 1].tobytes(), **tables}
    native = {**rgb, "PixelData": pixels.tobytes()}
    whole = {**rgb, "PhotometricInterpretation": "YBR_FULL_422", "PixelData": encapsulate([jpeg])}
    planes = {**native, "PlanarConfiguration": 1, "PixelData": np.moveaxis(pixels, -1, 0).tobytes()}
    return [
        dicom_file(native),
        dicom_file(native, ImplicitVRLittleEndian),
        dicom_file({**grey, "PixelData": np.frombuffer(deep, "<u2").astype(">u2").tobytes()}, ExplicitVRBigEndian),
        dicom_file(planes),
        dicom_file(grey),
        dicom_file(palette),
        dicom_file({**native, "NumberOfFrames": 2, "PixelData": 2 * pixels.tobytes()}),
        dicom_file(whole, JPEGBaseline8Bit),
        dicom_file(native, JPEGLSLossless),
        dicom_file(native, RLELossless),
    ]


def dicom_file(values: dict[str, Any], syntax: str = "1.2.840.10008.1.2.1") -> bytes:
    """Return a secondary capture of a photograph of the size of `picture`, written in a transfer syntax."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

    dataset, meta, content = Dataset(), FileMetaDataset(), io.BytesIO()
    dataset.SOPClassUID, dataset.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid(entropy_srcs=["fuzz"])
    dataset.Rows, dataset.Columns = picture().shape[:2]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    # A JPEG is compressed already; what is given plain is compressed here.
    plain = UID(syntax).is_compressed and "YBR" not in dataset.PhotometricInterpretation
    meta.TransferSyntaxUID = ExplicitVRLittleEndian if plain else UID(syntax)
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    dataset.file_meta = meta
    if plain:
        dataset.compress(UID(syntax), generate_instance_uid=False)
    dataset.save_as(content, enforce_file_format=True)
    return content.getvalue()


def heic_seeds(image: Image.Image, deep: np.ndarray) -> list[bytes]:
    """Return HEIC files: plain, with 10 bits, and made of tiles."""
    import pillow_heif

    files = []
    for content, options in ((image, {}), (image, {"tile_size": 64})):
        file = io.BytesIO()
        pillow_heif.from_pillow(content).save(file, quality=60, **options)
        files.append(file.getvalue())
    file = io.BytesIO()
    pillow_heif.encode("RGB;16", image.size, deep.tobytes(), file, quality=60)
    cr3 = files[0].replace(b"ftypheic", b"ftypcrx ", 1)
    return [*files, file.getvalue(), cr3]


def avif_seeds(image: Image.Image) -> list[bytes]:
    """Return AVIF files: a picture and an animation."""
    return [saved(image, "AVIF"), saved(image, "AVIF", save_all=True, append_images=[image.rotate(180)])]


def mutated(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """Return a damaged copy of a file; checksums of a PNG are often put right, so that the damage gets through."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 3, 5, 9, 20))):
        if len(data) > 16:
            chance.choice(CHANGES)(data, others, chance)
    if data[:4] == b"\x89PNG" and chance.random() < 0.7:
        repair_png(data)
    return bytes(data)


def place(data: bytearray, chance: random.Random) -> int:
    """Return where to damage: often near either end, where the headers are."""
    reach = chance.choice((48, 512, len(data), len(data)))
    at = chance.randrange(min(reach, len(data)))
    return at if chance.random() < 0.7 else len(data) - 1 - at


def flip(data: bytearray, _others: list[bytes], chance: random.Random) -> None:
    """Turn one bit."""
    data[place(data, chance)] ^= 1 << chance.randrange(8)


def number(data: bytearray, _others: list[bytes], chance: random.Random) -> None:
    """Write a number at a limit, in either byte order."""
    form = chance.choice((">H", "<H", ">I", "<I", "B"))
    size = struct.calcsize(form)
    value = chance.choice(NUMBERS) % (1 << 8 * size)
    at = max(0, min(place(data, chance), len(data) - size))
    struct.pack_into(form, data, at, value)


def cut(data: bytearray, _others: list[bytes], chance: random.Random) -> None:
    """Take a piece out, or everything after a place."""
    at = place(data, chance)
    end = len(data) if chance.random() < 0.2 else at + chance.choice((1, 4, 12, 64))
    if len(data) - (min(end, len(data)) - at) > 16:
        del data[at:end]


def repeat(data: bytearray, _others: list[bytes], chance: random.Random) -> None:
    """Put a piece in twice, or a hundred times."""
    at, length = place(data, chance), chance.choice((4, 12, 40, 200))
    if len(data) < 200_000:
        data[at:at] = data[at : at + length] * chance.choice((1, 1, 3, 100))


def splice(data: bytearray, others: list[bytes], chance: random.Random) -> None:
    """Write a piece of another file of the type over this one."""
    other = chance.choice(others)
    start, length = chance.randrange(len(other)), chance.choice((4, 12, 60, 400))
    at = place(data, chance)
    piece = other[start : start + length]
    data[at : at + len(piece)] = piece


CHANGES: tuple[Callable[[bytearray, list[bytes], random.Random], None], ...] = (
    flip,
    number,
    number,
    cut,
    repeat,
    splice,
)


def repair_png(data: bytearray) -> None:
    """Write the right checksum behind every chunk of a PNG."""
    at = 8
    while at + 12 <= len(data):
        end = at + 8 + struct.unpack_from(">I", data, at)[0]
        if end + 4 > len(data):
            return
        struct.pack_into(">I", data, end, zlib.crc32(data[at + 4 : end]))
        at = end + 4


def outcome(content: bytes, directly: bool = False) -> str:
    """Return what became of a file: ``read``, the code of its rejection, ``decoder`` if that stopped, or an error."""
    kind = kind_of(content)
    try:
        photograph = DECODERS[kind](content, 512) if directly and kind in DECODERS else decode_photograph(content, 512)
    except PhotographRejected as rejection:
        return "decoder" if " decoder " in rejection.explanation else rejection.code
    except Exception as error:  # noqa: BLE001 whatever else is raised is what this script looks for
        return f"error {type(error).__name__}: {error}"
    return "read" if max(photograph.size) <= 512 else "error: larger than asked for"


def work(seconds: float, seed: int, current: Path, results: Path) -> None:
    """Damage and read files for a time; the file being read lies at ``current``, so that a crash leaves it."""
    chance, files = random.Random(seed), seeds()
    kinds = sorted(files)
    end = time.monotonic() + seconds
    with results.open("a") as lines:
        while time.monotonic() < end:
            kind = chance.choice(kinds)
            content = mutated(chance.choice(files[kind]), files[kind], chance)
            current.write_bytes(content)
            begin = time.monotonic()
            result = outcome(content, chance.random() < DIRECTLY)
            spent = time.monotonic() - begin
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            lines.write(json.dumps([kind, result, round(spent, 4), peak]) + "\n")
            lines.flush()
            if result.startswith("error") or result == "decoder" or spent > SLOW_S:
                keep(content, kind, result, current.parent)


def keep(content: bytes, kind: str, result: str, folder: Path) -> None:
    """Keep a file that did what none should do."""
    what = "".join(letter if letter.isalnum() else "_" for letter in result)[:40]
    (folder / f"{kind}_{what}_{hashlib.sha256(content).hexdigest()[:12]}").write_bytes(content)


def children_peak_mib(parent: int) -> int:
    """Return the largest memory so far of a process's living children [MiB], 0 where the system does not tell."""
    listing = Path(f"/proc/{parent}/task/{parent}/children")
    try:
        peaks = [peak_mib(int(child)) for child in listing.read_text().split()]
    except OSError:
        return 0
    return max(peaks, default=0)


def peak_mib(process: int) -> int:
    """Return the largest memory so far of a living process [MiB]."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


def supervise(minutes: float, seed: int, engine: str, folder: Path) -> tuple[int, int]:
    """Run workers for a time; return how many crashed in the reader, and the largest memory of a decoder [MiB]."""
    current, results = folder / "current", folder / "results.jsonl"
    end, runs, crashes, peak = time.monotonic() + minutes * 60, 0, 0, 0
    while (left := end - time.monotonic()) > 1:
        command = [sys.executable, __file__, "--worker", f"{left}", "--engine", engine, "--keep", str(folder)]
        worker = subprocess.Popen([*command, "--seed", str(seed + runs)], stderr=(folder / "stderr").open("ab"))
        while worker.poll() is None:
            peak = max(peak, children_peak_mib(worker.pid))
            time.sleep(0.02)
            if held_up(current):
                worker.kill()
        runs += 1
        if worker.returncode != 0:
            if not results.is_file():
                raise SystemExit(f"The reader did not begin; see {folder / 'stderr'}.")
            crashes += not contained(current.read_bytes(), worker.returncode, folder)
    return crashes, peak


def held_up(current: Path) -> bool:
    """Return whether the file being read has been read for too long."""
    return current.is_file() and time.time() - current.stat().st_mtime > SLOW_S + 10


def contained(content: bytes, status: int, folder: Path) -> bool:
    """Return whether a file that ended a worker ends as rejected when its decoder has a process of its own."""
    kind = kind_of(content)
    result = outcome(content) if kind in DECODERS else f"crash {status}"
    keep(content, kind, f"{result} {status}", folder)
    with (folder / "results.jsonl").open("a") as lines:
        lines.write(json.dumps([kind, "decoder" if kind in DECODERS else "error: crash", 0.0, 0]) + "\n")
    return kind in DECODERS and not result.startswith("error")


def lead_by_coverage(seconds: float, seed: int, folder: Path) -> None:
    """Let atheris damage and read files for a time."""
    import atheris

    files = seeds()
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for kind, contents in files.items():
        for index, content in enumerate(contents):
            (corpus / f"{kind}_{index}").write_bytes(content)
    every = [content for contents in files.values() for content in contents]
    lines = (folder / "results.jsonl").open("a")

    def mutate(data: bytes, max_size: int, number: int) -> bytes:
        chance = random.Random(number)
        if chance.random() < 0.5 or len(data) < 17:
            return bytes(atheris.Mutate(data, max_size))
        return mutated(data, every, chance)[:max_size]

    def read(data: bytes) -> None:
        (folder / "current").write_bytes(data)
        begin = time.monotonic()
        result = outcome(data, directly=True)
        spent = time.monotonic() - begin
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        lines.write(json.dumps([kind_of(data), result, round(spent, 4), peak]) + "\n")
        lines.flush()
        if result.startswith("error") or result == "decoder" or spent > SLOW_S:
            keep(data, kind_of(data), result, folder)

    atheris.instrument_all()
    limits = [
        f"-max_total_time={int(seconds)}",
        f"-rss_limit_mb={MEMORY_LIMIT_MIB}",
        f"-seed={seed + 1}",
        "-timeout=90",
    ]
    atheris.Setup([sys.argv[0], str(corpus), *limits, "-max_len=200000", "-verbosity=0"], read, custom_mutator=mutate)
    atheris.Fuzz()


def kind_of(content: bytes) -> str:
    """Return the type that the reader takes a file for."""
    return file_type(content) or "none"


def table(records: Iterable[tuple[str, str, float, int]]) -> str:
    """Return a Markdown table of what became of the files, a row a type."""
    counts: dict[str, Counter[str]] = {}
    slowest: dict[str, float] = {}
    for kind, result, spent, _ in records:
        short = "error" if result.startswith("error") else result
        counts.setdefault(kind, Counter())[short] += 1
        slowest[kind] = max(slowest.get(kind, 0.0), spent)
    columns = ["read", "unreadable", "truncated", "too_large", "too_small", "several_pictures", "decoder", "error"]
    rows = ["| type | files | " + " | ".join([*columns[:-2], "decoder stopped", "error"]) + " | slowest [s] |"]
    rows.append("|---|" + "---|" * (len(columns) + 2))
    for kind, count in sorted(counts.items()):
        cells = " | ".join(str(count[column]) for column in columns)
        rows.append(f"| {kind} | {count.total()} | {cells} | {slowest[kind]:.1f} |")
    return "\n".join(rows)


def main() -> int:
    """Fuzz and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--engine", choices=("mutation", "atheris"), default="mutation")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder for the files that did what none should do")
    parser.add_argument("--worker", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="reepi-fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    if options.worker is not None and options.engine == "atheris":
        lead_by_coverage(options.worker, options.seed, folder)
        return 0
    if options.worker is not None:
        work(options.worker, options.seed, folder / "current", folder / "results.jsonl")
        return 0
    (folder / "results.jsonl").unlink(missing_ok=True)
    crashes, decoders = supervise(options.minutes, options.seed, options.engine, folder)
    records = [tuple(json.loads(line)) for line in (folder / "results.jsonl").read_text().splitlines()]
    reader = max(record[3] for record in records)
    errors = sum(record[1].startswith("error") for record in records)
    slow = sum(record[2] > SLOW_S for record in records)
    print(table(records))
    print(f"\nCrashes of the reader {crashes}, other errors {errors}, slower than {SLOW_S:.0f} s {slow}.")
    print(f"Largest memory [MiB]: reader {reader}, decoding process {decoders}; limit {MEMORY_LIMIT_MIB}.")
    if crashes or errors or slow:
        print(f"The files are in {folder}.")
    return int(crashes > 0 or errors > 0 or slow > 0 or max(reader, decoders) > MEMORY_LIMIT_MIB)


if __name__ == "__main__":
    raise SystemExit(main())
