"""A model folder on disk: weights as safetensors with a hash, and the card. Written whole or not at all."""

import ctypes
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reepi.core.errors import Fault, InputError
from reepi.model.blueprint import Blueprint
from reepi.model.card import CARD, Card, card_text, read_card

if TYPE_CHECKING:
    from torch import Tensor

    from reepi.model.network import Network

WEIGHTS: Final = "weights.safetensors"
README: Final = "README.md"
EXAMPLE_INPUT: Final = "example_input.jpg"
EXAMPLE_EXPECTED: Final = "example_expected.png"
SEEN: Final = "seen.npz"
CURVES: Final = "curves.png"

OF_ITS_TRAINING: Final = (SEEN, CURVES)
"""Files that tell of one training, and are wrong beside other weights; a folder may lack them."""


def write_model(folder: Path, network: "Network", card: Card) -> Card:
    """Write weights and card into a model folder, both or neither; return the card with the hash of the weights."""
    from safetensors.torch import save

    content = save({name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()})
    card = replace(card, sha256=hashlib.sha256(content).hexdigest())
    replace_files(folder, {WEIGHTS: content, CARD: card_text(card).encode()})
    return card


def replace_files(folder: Path, contents: Mapping[str, bytes], without: Collection[str] = ()) -> None:
    """Write files that belong together into a folder, and remove those it shall be ``without``; its other files stay.

    A killed run leaves all the old files or all the new ones where the system can exchange two folders, as Linux can.
    Elsewhere the new files take the places of the old ones one after the other. A link to a folder stays a link.

    Raises
    ------
    NotADirectoryError
        A file has the folder's name.
    """
    with _named(folder):
        _replace_files(folder.resolve(), contents, without)


def _replace_files(folder: Path, contents: Mapping[str, bytes], without: Collection[str]) -> None:
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent) as scratch:
        prepared = Path(scratch) / folder.name
        shutil.copytree(folder, prepared) if folder.is_dir() else prepared.mkdir()
        for name, content in contents.items():
            write_whole(prepared / name, content)
        for name in without:
            (prepared / name).unlink(missing_ok=True)
        if not folder.exists():
            prepared.rename(folder)
        elif not exchange(prepared, folder):
            for name in contents:
                (prepared / name).replace(folder / name)
            for name in without:
                (folder / name).unlink(missing_ok=True)


def exchange(first: Path, second: Path) -> bool:
    """Let two folders take each other's names in one step; return False where the system cannot."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    status = renameat2(_HERE, os.fsencode(first.absolute()), _HERE, os.fsencode(second.absolute()), _RENAME_EXCHANGE)
    return bool(status == 0)


_HERE: Final = -100
_RENAME_EXCHANGE: Final = 2
"""AT_FDCWD and RENAME_EXCHANGE of Linux (renameat2(2))."""


def read_model(folder: Path) -> "tuple[Network, Card]":
    """Read a model folder: the network, ready to predict, and its card.

    Raises
    ------
    InputError
        A file is missing, the weights are not those of the card, or do not fit its architecture.
    """
    card = read_card(folder)
    return _built(folder, card), card


def read_blueprint(folder: Path) -> tuple[Blueprint, Card]:
    """Read a model folder without building the network: see `read_model`; what does not fit is found in building."""
    card = read_card(folder)
    _checked_weights(folder, card)
    return Blueprint(card.task, f"{card.architecture} {card.sha256}", lambda: _built(folder, card)), card


def read_weights(folder: Path, card: Card) -> "dict[str, Tensor]":
    """Return the weights of a model folder by name.

    Raises
    ------
    InputError
        The file is missing, or is not the card's.
    """
    import torch
    from safetensors.torch import load

    found = load(_checked_weights(folder, card))
    return {name: tensor.float() if tensor.dtype == torch.float16 else tensor for name, tensor in found.items()}


def _built(folder: Path, card: Card) -> "Network":
    from safetensors import SafetensorError

    from reepi.model.network import build_network

    network = build_network(card.task, card.architecture)
    try:
        network.load_state_dict(read_weights(folder, card))
    except (SafetensorError, RuntimeError) as error:
        fault = Fault(str(folder / WEIGHTS), f"the weights do not fit the card ({error})", "Copy it again.")
        raise InputError([fault]) from error
    return network.eval()


def _checked_weights(folder: Path, card: Card) -> bytes:
    path = folder / WEIGHTS
    if not path.is_file():
        raise InputError([Fault(str(path), "the file is missing", "Copy the whole model folder.")])
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != card.sha256:
        raise InputError([Fault(str(path), "its hash is not the card's", "Copy the whole model folder again.")])
    return content


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step, so that a killed run leaves the old file or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with _named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let an error of the system name what was to be written, not the temporary file that nobody knows."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
