"""A model folder on disk: weights as safetensors with a hash, and the card. Written whole or not at all."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from reepi.core.errors import Fault, InputError
from reepi.model.card import CARD, Card, card_text, read_card
from reepi.model.network import Network, build_network

WEIGHTS: Final = "weights.safetensors"
README: Final = "README.md"
EXAMPLE_INPUT: Final = "example_input.jpg"
EXAMPLE_EXPECTED: Final = "example_expected.png"


def write_model(folder: Path, network: Network, card: Card) -> Card:
    """Write weights and card into a model folder; return the card with the hash of the weights."""
    content = save({name: tensor.contiguous() for name, tensor in network.state_dict().items()})
    card = replace(card, sha256=hashlib.sha256(content).hexdigest())
    write_whole(folder / WEIGHTS, content)
    write_whole(folder / CARD, card_text(card).encode())
    return card


def read_model(folder: Path) -> tuple[Network, Card]:
    """Read a model folder: the network, ready to predict, and its card.

    Raises
    ------
    InputError
        A file is missing, the weights are not those of the card, or do not fit its architecture.
    """
    card = read_card(folder)
    network = build_network(card.task, card.architecture)
    path = folder / WEIGHTS
    try:
        network.load_state_dict(_checked_weights(path, card))
    except (SafetensorError, RuntimeError) as error:
        raise InputError([Fault(str(path), f"the weights do not fit the card ({error})", "Copy it again.")]) from error
    return network.eval(), card


def _checked_weights(path: Path, card: Card) -> dict[str, Tensor]:
    if not path.is_file():
        raise InputError([Fault(str(path), "the file is missing", "Copy the whole model folder.")])
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != card.sha256:
        raise InputError([Fault(str(path), "its hash is not the card's", "Copy the whole model folder again.")])
    return {name: tensor.float() if tensor.dtype == torch.float16 else tensor for name, tensor in load(content).items()}


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step, so that a killed run leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
