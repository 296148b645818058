"""What the window says and shows: colours and keys of the tissues, actions with their keys, numbers in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from reepi.core.errors import Fault
from reepi.core.signature import Signature
from reepi.core.tissue import COLOURS, UNLABELLED, Tissue
from reepi.review.differences import Difference
from reepi.review.live import Numbers
from reepi.review.worklist import UNOPENED, Task
from reepi.scoring.visits import day_number

Colour = tuple[float, float, float, float]
"""Red, green, blue and cover, each 0 to 1."""

COVER: Final[dict[Tissue, float]] = {Tissue.BACKGROUND: 0.0, Tissue.INTACT: 0.15}
"""How far a tissue covers the photograph where it is not fully, 0 to 1: most of a photograph is intact skin."""

NOBODY_LABELLED: Final[Colour] = (1.0, 0.9, 0.2, 0.6)
"""Colour of pixels that nobody labelled."""

NO_TISSUE: Final[Colour] = (1.0, 0.0, 1.0, 1.0)
"""Colour of values that are no tissue: as loud as can be, since they must never be there."""

LEGEND: Final = (
    Tissue.INTACT,
    Tissue.ERYTHEMA,
    Tissue.DETACHABLE,
    Tissue.DETACHED,
    Tissue.REEPITHELIALISED,
    Tissue.COVERED,
    Tissue.BACKGROUND,
)
"""Tissues in the order of their keys: the key's number is the value in the mask, and background comes behind."""

FIRST_CLICK: Final = "Click a place on the photograph, then the same place on the body chart. C ends."
SECOND_CLICK: Final = "Now click the same place on the body chart."
"""What is told while points are placed."""

MOST_TOLD: Final = 10
"""So many photographs that cannot be opened are told one by one; a folder that is gone would fill the screen."""

LEAST_UNLABELLED: Final = 0.005
"""Less of a photograph's skin without a label is not told: it would be shown as 0 %."""


def tissue_colours() -> dict[int | None, Colour]:
    """Return the colour of every value that a mask may hold, and of any other under None."""
    colours: dict[int | None, Colour] = {None: NO_TISSUE, UNLABELLED: NOBODY_LABELLED}
    for tissue in Tissue:
        red, green, blue = (channel / 255 for channel in COLOURS[tissue])
        colours[int(tissue)] = (red, green, blue, COVER.get(tissue, 1.0))
    return colours


def tissue_key(tissue: Tissue) -> str:
    """Return the function key of a tissue."""
    return f"F{LEGEND.index(tissue) + 1}"


@dataclass(frozen=True)
class Action:
    """Something that a reader can do with a key.

    Parameters
    ----------
    name : str
        Name of the method of the window that does it.
    keys : str
        Key as napari writes it.
    told : str
        What it does, for the list of keys.
    """

    name: str
    keys: str
    told: str


ACTIONS: Final = (
    Action("accept", "Control-Enter", "save as it is and open the next photograph"),
    Action("reject", "Control-J", "reject the photograph, with a reason"),
    Action("next_unread", "N", "open the next photograph that is not read"),
    Action("go_down", "PageDown", "open the next photograph of the list"),
    Action("go_up", "PageUp", "open the photograph before"),
    Action("undo", "Control-Z", "undo the last step, whatever it was"),
    Action("redo", "Control-Shift-Z", "do it again"),
    Action("paint", "Q", "brush with the chosen tissue"),
    Action("draw_polygon", "D", "polygon of the chosen tissue; Enter closes it"),
    Action("fill", "K", "fill the connected area with the chosen tissue"),
    Action("move", "T", "move and zoom the picture"),
    Action("superpixel", "S", "give the patch of skin under the pointer the chosen tissue"),
    Action("grow", "G", "grow the area under the pointer to the next edge"),
    Action("shrink", "H", "shrink the area under the pointer to the next edge"),
    Action("flicker", "W", "hide or show the tissues, to compare with the photograph"),
    Action("outlines", "O", "outlines only, or filled"),
    Action("fainter", "Control-Down", "let more of the photograph through"),
    Action("stronger", "Control-Up", "let less of the photograph through"),
    Action("regions", "R", "show or hide the borders of the body's regions"),
    Action("place_points", "C", "place points: on the photograph, then on the body chart"),
    Action("accept_registration", "Y", "accept the place on the body"),
    Action("refuse_registration", "U", "refuse the place on the body, with a reason"),
    Action("turn_body", "J", "body chart flat, or as a body to turn"),
    Action("sign", "Control-I", "sign the visit"),
    Action("first_is_right", "Control-1", "adjudication: A is right in the area shown"),
    Action("second_is_right", "Control-2", "adjudication: B is right in the area shown"),
    Action("next_area", "Control-3", "adjudication: show the next area that is not decided"),
)
"""Keys beside those that napari gives to every labels layer; none of them is one of napari's own there."""


def numbers_told(now: Numbers, before: Numbers | None, unlabelled: float = 0.0) -> str:
    """Return a visit's numbers in words, with those of the proposals in brackets where they differ.

    Last comes how much of the photograph's skin nobody labelled, given as a share, 0 to 1, where it is any to speak of.
    """
    lines = [
        _line("open", now.open, None if before is None else before.open),
        _line("re-epithelialised", now.reepithelialised, None if before is None else before.reepithelialised),
        _line("not assessed", now.unassessed, None if before is None else before.unassessed),
    ]
    if unlabelled >= LEAST_UNLABELLED:
        lines.append(f"this photograph: {unlabelled:.0%} of its skin is not labelled and counts as not seen")
    return "\n".join(lines)


def area_told(area: Difference, number: int, of: int) -> str:
    """Return in words where readers differ."""
    where = "many small places" if area.rest else "the area in white"
    words = [Tissue(value).label if value < len(Tissue) else "nothing" for value in (area.first, area.second)]
    return f"{number} of {of} still to be decided: in {where} A says {words[0]}, B says {words[1]}."


def task_told(task: Task) -> str:
    """Return what is known of a photograph before it is read."""
    told = [task.title, task.state]
    if task.residual_mm is not None:
        told.append(f"place ± {task.residual_mm:.0f} mm")
    if task.doubt_percent is not None:
        told.append(f"{task.doubt_percent:.0f} % of its skin in doubt")
    if task.status and task.status != "scored":
        told.append(f"not measured: {task.reasons}")
    return "; ".join(told)


def progress_told(tasks: Sequence[Task]) -> str:
    """Return how much of a worklist is read."""
    unopened = _unopened(tasks)
    told = f"{sum(task.is_read for task in tasks)} of {len(tasks)} photographs read"
    return f"{told}, {unopened} {UNOPENED}" if unopened else told


def end_told(tasks: Sequence[Task]) -> str:
    """Return what is told where no photograph waits to be read."""
    unopened = _unopened(tasks)
    if not unopened:
        return "Everything is read."
    left = f"{_photographs(unopened)} that {UNOPENED}"
    return f"Everything is read but {left}. Choose from the list what can be opened again."


def passed_told(passed: Sequence[Fault], now: str) -> str:
    """Return which photographs cannot be opened and why, and the title of the one that is open, if any."""
    lines = [str(fault) for fault in passed[:MOST_TOLD]]
    if len(passed) > MOST_TOLD:
        lines.append(f"{_photographs(len(passed) - MOST_TOLD)} more {UNOPENED}.")
    return "\n".join([*lines, f"Open now: {now}." if now else "No photograph is open."])


def foreign_told(names: Sequence[str]) -> str:
    """Return that layers which do not belong to the photograph were taken away, and why."""
    layers = "the layer" if len(names) == 1 else "the layers"
    return (
        f"This window shows the reading alone, and took away {layers} {', '.join(names)}: "
        "nothing that is painted there would be saved. Paint on the layer of the tissues."
    )


def signed_told(signature: Signature, files: Sequence[str], is_hidden: bool) -> str:
    """Return what was signed of a visit's photographs, and nothing of them where the protocol hides the visit."""
    if is_hidden:
        return "Signed."
    left_out = [file for file in files if file not in signature.files]
    told = f"Signed: {_photographs(len(signature.files))} of {signature.patient_id}, {signature.date}."
    return f"{told} Left out, since unread and not to be opened: {', '.join(left_out)}." if left_out else told


def _unopened(tasks: Sequence[Task]) -> int:
    return sum(task.state == UNOPENED for task in tasks)


def _photographs(count: int) -> str:
    return f"{count} photograph{'' if count == 1 else 's'}"


def _line(name: str, now: float, before: float | None) -> str:
    changed = before is not None and abs(now - before) >= 0.05
    return f"{name} {now:.1f} % BSA" + (f" (proposed {before:.1f})" if changed else "")


def day_told(day: date, day_zero: date | None) -> str:
    """Return a day in words."""
    number = day_number(day, day_zero)
    return day.isoformat() if number is None else f"day {number}"
