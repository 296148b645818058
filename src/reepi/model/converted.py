"""Networks converted for OpenVINO, kept in the user's cache: converting costs seconds, reading milliseconds."""

import hashlib
import tempfile
import warnings
from pathlib import Path
from typing import Any, Final

import openvino
import torch

from reepi.body.template import cache_folder
from reepi.model.network import STRIDE, CorrespondenceNetwork, Network

FILE: Final = "network.xml"


def converted_network(network: Network, cache: Path | None = None) -> Any:
    """Return a network as OpenVINO model with free input size, from the cache if it is there.

    Parameters
    ----------
    network : Network
        Its weights and the version of OpenVINO are the key.
    cache : Path, optional
        Folder of the cache; beside the body templates' if none.

    Raises
    ------
    RuntimeError
        OpenVINO cannot convert the network.
    """
    folder = (cache or cache_folder().with_name("openvino")) / cache_key(network)
    if (folder / FILE).is_file():
        try:
            return openvino.Core().read_model(folder / FILE)
        except RuntimeError:
            # A damaged cache is no reason to fail: convert anew.
            return _converted(network)
    model = _converted(network)
    _keep(model, folder)
    return model


def cache_key(network: Network) -> str:
    """Return the hash that names a network's place in the cache."""
    digest = hashlib.sha256(f"{openvino.__version__} {type(network).__name__}".encode())
    for name, tensor in network.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:32]


def _converted(network: Network) -> Any:
    pixels = torch.zeros(1, 3, 2 * STRIDE, 2 * STRIDE)
    takes_view = isinstance(network, CorrespondenceNetwork)
    example = (pixels, torch.zeros(1, dtype=torch.long)) if takes_view else pixels
    with warnings.catch_warnings():
        # The converter follows the code once; what it warns of are checks that do not depend on pixels.
        warnings.simplefilter("ignore")
        return openvino.convert_model(network.cpu().eval(), example_input=example)


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
