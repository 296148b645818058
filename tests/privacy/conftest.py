"""Photographs full of what must not leave, and the independent program that looks for it."""

import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from reepi.core.images import Pixels

PLANTED_NAME = "MUELLER"
"""A word that is planted everywhere and must be nowhere afterwards."""

PLANTED = (
    f"-Artist={PLANTED_NAME}",
    f"-Copyright={PLANTED_NAME}",
    f"-ImageDescription={PLANTED_NAME}",
    f"-XPComment={PLANTED_NAME}",
    "-Make=Maker",
    "-Model=Model 7",
    f"-SerialNumber={PLANTED_NAME}",
    f"-OwnerName={PLANTED_NAME}",
    f"-LensSerialNumber={PLANTED_NAME}",
    "-DateTimeOriginal=2024:03:05 09:30:00",
    "-GPSLatitude=48.1",
    "-GPSLatitudeRef=N",
    f"-UserComment={PLANTED_NAME}",
    f"-XMP:Creator={PLANTED_NAME}",
    f"-XMP:Location={PLANTED_NAME}",
    "-FocalLengthIn35mmFormat=28",
    "-ExifImageWidth=320",
    "-ExifImageHeight=240",
)
"""Arguments of exiftool that fill a file of any type."""


@pytest.fixture
def scene() -> Pixels:
    """An upright picture, 240 high and 320 wide, without two equal pixels side by side."""
    rows, columns = np.mgrid[:240, :320]
    return np.stack([columns * 255 // 319, rows * 255 // 239, (rows + 2 * columns) % 256], axis=2).astype(np.uint8)


@pytest.fixture
def encoded(scene: Pixels) -> Callable[..., bytes]:
    """Encode the scene as a file of a type, with a colour profile that is not sRGB's."""

    def _encode(kind: str, **options: Any) -> bytes:
        content = io.BytesIO()
        Image.fromarray(scene).save(content, kind, **({"quality": 90} if kind == "JPEG" else {}), **options)
        return content.getvalue()

    return _encode


@pytest.fixture(scope="session")
def wide_profile() -> bytes:
    """A colour profile with other primaries than sRGB's, and a name in it."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile = bytearray(bytes(profile).replace("sRGB".encode("utf-16-be"), "MUEL".encode("utf-16-be")))
    profile = bytearray(bytes(profile).replace(b"sRGB", b"MUEL"))
    place = profile.index(b"rXYZ") + 4
    start = int.from_bytes(profile[place : place + 4], "big") + 8
    profile[start : start + 4] = int(0.6 * 65536).to_bytes(4, "big")
    return bytes(profile)


@pytest.fixture(scope="session")
def exiftool() -> Callable[..., str]:
    """Run exiftool; skips where it is not installed, but not in continuous integration."""
    program = shutil.which("exiftool")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("exiftool is not installed")
        pytest.skip("METADATA NOT CHECKED: exiftool is not installed")

    def _run(*arguments: object) -> str:
        command = [program, *(str(argument) for argument in arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    return _run


@pytest.fixture
def planted(tmp_path: Path, exiftool: Callable[..., str]) -> Callable[[bytes, str], bytes]:
    """Fill a file with names, numbers, places and a thumbnail."""

    def _plant(content: bytes, name: str) -> bytes:
        path = tmp_path / f"planted-{name}"
        path.write_bytes(content)
        more = (
            [f"-Comment={PLANTED_NAME}", f"-IPTC:By-line={PLANTED_NAME}", f"-IPTC:City={PLANTED_NAME}"]
            if name.endswith("jpg")
            else []
        )
        more += [f"-PNG:Author={PLANTED_NAME}"] if name.endswith("png") else []
        if name.endswith("jpg"):
            thumbnail = tmp_path / "thumbnail.jpg"
            Image.new("RGB", (160, 120), "red").save(thumbnail)
            more.append(f"-ThumbnailImage<={thumbnail}")
        exiftool("-q", "-m", "-overwrite_original", *PLANTED, *more, path)
        return path.read_bytes()

    return _plant


@pytest.fixture
def tags(tmp_path: Path, exiftool: Callable[..., str]) -> Callable[[bytes], dict[str, Any]]:
    """Return all that exiftool finds in a file, by group and name, without what it says of the file system."""

    def _tags(content: bytes) -> dict[str, Any]:
        path = tmp_path / "looked-at"
        path.write_bytes(content)
        (found,) = json.loads(exiftool("-j", "-G1", "-a", "-u", "-U", "-ee3", path))
        return {name: value for name, value in found.items() if not name.startswith(("System:", "ExifTool:", "Source"))}

    return _tags
