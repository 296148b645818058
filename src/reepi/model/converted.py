"""Networks converted for OpenVINO, kept in the user's cache: converting costs seconds, reading milliseconds."""

import hashlib
import shutil
import tempfile
import warnings
from functools import cache as made_once
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import openvino

from reepi.body.cache import cache_folder
from reepi.model.architecture import STRIDE
from reepi.model.blueprint import Blueprint

FILE: Final = "network.xml"

BUILT_WITH: Final = ("torch", "segmentation-models-pytorch", "timm")
"""Packages whose versions decide, beside our own code, what a network computes with its weights."""

BUILT_BY: Final = ("network.py", "steady_norm.py", "converted.py")
"""Our own code that does."""


@made_once
def core() -> Any:
    """Return the core of OpenVINO that the whole process uses, to its end.

    With its first network a core gives its thread another stack to hear signals on, and takes it away when it goes. Of
    several cores that go in the order they came, the last gives back the stack of the first, which is gone: the next
    signal, were it Ctrl-C, would end the process with a fault of memory.
    """
    return openvino.Core()


def converted_network(blueprint: Blueprint, cache: Path | None = None) -> Any:
    """Return a network as OpenVINO model with free input size; it is built only if the cache does not have it.

    Parameters
    ----------
    blueprint : Blueprint
        The network.
    cache : Path, optional
        Folder of the cache; beside the body templates' if none.

    Raises
    ------
    RuntimeError
        OpenVINO cannot convert the network.
    """
    folder = (cache or cache_folder("openvino")) / cache_key(blueprint)
    if (folder / FILE).is_file():
        try:
            return core().read_model(folder / FILE)
        except RuntimeError:
            # A damaged cache is no reason to fail: convert anew.
            shutil.rmtree(folder, ignore_errors=True)
    model = _converted(blueprint)
    _keep(model, folder)
    return model


def cache_key(blueprint: Blueprint) -> str:
    """Return the hash that names a network's place in the cache; nothing is built for it."""
    digest = hashlib.sha256(f"{openvino.__version__} {blueprint.task} {blueprint.key}\n".encode())
    digest.update("".join(f"{package} {_version(package)}\n" for package in BUILT_WITH).encode())
    for name in BUILT_BY:
        digest.update(Path(__file__).with_name(name).read_bytes())
    return digest.hexdigest()[:32]


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"


def _converted(blueprint: Blueprint) -> Any:
    import torch

    from reepi.model.steady_norm import steadied

    pixels = torch.zeros(1, 3, 2 * STRIDE, 2 * STRIDE)
    example = (pixels, torch.zeros(1, dtype=torch.long)) if blueprint.takes_view else pixels
    with warnings.catch_warnings():
        # The converter follows the code once; what it warns of are checks that do not depend on pixels.
        warnings.simplefilter("ignore")
        return openvino.convert_model(steadied(blueprint.build()).cpu().eval(), example_input=example)


def _keep(model: Any, folder: Path) -> None:
    """Write a model as a whole folder or not at all; a cache that cannot be written is left out."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
            openvino.save_model(model, Path(unfinished) / FILE, compress_to_fp16=False)
            Path(unfinished).rename(folder)
            Path(unfinished).mkdir()
    except (OSError, RuntimeError):
        return
