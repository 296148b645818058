"""Lets a new model take an old one's place: the whole folder at once, the comparison that it passed in its card."""

from dataclasses import replace
from pathlib import Path

from reepi.imaging.reading import read_photograph
from reepi.model.card import CARD, Card, card_text
from reepi.model.engines import forward_of
from reepi.model.evaluation.gate import Gate
from reepi.model.folder import EXAMPLE_EXPECTED, EXAMPLE_INPUT, OF_ITS_TRAINING, README, read_model, replace_files
from reepi.model.publishing import expected_output, png_bytes, readme_text

PASSED = "gate against the model before"
"""Table of the card with the comparison that a model passed."""


def succeed(new: Path, old: Path, gate: Gate, command: str) -> Card:
    """Replace the old model folder's weights, card, page and example by the new model's; return the new card.

    The name stays. Where the new model has no example photograph, the old one's is shown to it. What tells of the old
    one's training goes.

    Raises
    ------
    InputError
        The new model folder is wrong.
    """
    _, before = read_model(old)
    network, card = read_model(new)
    card = replace(card, name=before.name).with_measured(PASSED, gate_figures(gate, before, command))
    contents = {file.name: file.read_bytes() for file in sorted(new.iterdir()) if file.is_file()}
    if EXAMPLE_INPUT not in contents and (old / EXAMPLE_INPUT).is_file():
        image = expected_output(forward_of(network, "auto"), card, read_photograph(old / EXAMPLE_INPUT))
        contents[EXAMPLE_EXPECTED] = png_bytes(image)
    contents[CARD], contents[README] = card_text(card).encode(), readme_text(card).encode()
    replace_files(old, contents, [name for name in OF_ITS_TRAINING if name not in contents])
    return card


def gate_figures(gate: Gate, before: Card, command: str) -> dict[str, float | str]:
    """Return the table for the card: what was compared, on which frozen set, and the difference of every figure."""
    figures: dict[str, float | str] = {
        "command": command,
        "frozen set": gate.frozen,
        "photographs": gate.photographs,
        "weights before": before.sha256,
    }
    for row in gate.rows:
        name = f"{row.dataset} {row.tissue} {row.measure}"
        figures[name] = round(row.new, 5)
        figures[f"{name}, new - old"] = f"{row.difference:+.3f} ({row.interval}), {row.verdict}"
    return figures
