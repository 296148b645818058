"""Readings as values: who said what of which photograph, and what several readers agree on."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, get_args

import numpy as np

from reepi.core.images import Mask
from reepi.core.tissue import UNLABELLED, Tissue

ReadingState = Literal["proposed", "accepted", "corrected", "rejected"]

STATES: Final[tuple[ReadingState, ...]] = get_args(ReadingState)

MADE_BY_A_READER: Final[tuple[ReadingState, ...]] = ("accepted", "corrected")
"""States whose mask a person stands for. A proposal is the model's own; what was painted on a photograph before it was
rejected is kept for its reader alone."""

Role = Literal["reader", "adjudicator"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)

OCCASIONS: Final = (1, 2)
"""The first reading of a photograph, and a hidden repeat, which shows drift and never counts for areas."""

NAME_LENGTH: Final = 64
"""Longest name of a reader [characters]."""


def checked_reader(name: str) -> str:
    """Return a reader's name as it is kept (`ValueError` if it is none).

    Without blanks at its ends and with composed letters (Unicode NFC), so that nobody is two readers for how the name
    was typed.
    """
    kept = unicodedata.normalize("NFC", name.strip())
    if not kept or not kept.isprintable() or len(kept) > NAME_LENGTH:
        raise ValueError(f"{name!r} is no reader's name; use 1 to {NAME_LENGTH} printable characters")
    return kept


def checked_role(role: str) -> str:
    """Return a role (`ValueError` if it is none)."""
    if role not in ROLES:
        raise ValueError(f"{role!r} is no role; use one of {', '.join(ROLES)}")
    return role


@dataclass(frozen=True)
class NewReading:
    """What a reader is about to save, beside the mask.

    Parameters
    ----------
    photograph : str
        File as in ``photos.csv``.
    reader : str
        Who read; of a proposal, the model.
    state : "proposed", "accepted", "corrected" or "rejected"
        How the reading ended.
    reason : str
        Why; a rejected photograph needs one, and so does a change after signing.
    model_name, model_sha256 : str
        Model that the proposal came from, empty where the reader began with nothing.
    photograph_sha256 : str
        Hash of the photograph as the reader saw it; empty takes the file as it is.
    role : "reader" or "adjudicator"
        As whom: an adjudicator decides where readers differ.
    occasion : 1 or 2
        2 for a hidden repeat.
    event_id : str
        Identifier of this saving, so that it can be sent twice; empty makes a new one.

    Raises
    ------
    ValueError
        State, role or occasion is none, the reader has no proper name, or a rejection has no reason.
    """

    photograph: str
    reader: str
    state: ReadingState
    reason: str = ""
    model_name: str = ""
    model_sha256: str = ""
    photograph_sha256: str = ""
    role: Role = "reader"
    occasion: int = 1
    event_id: str = ""

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"{self.state!r} is no state of a reading; use one of {', '.join(STATES)}")
        object.__setattr__(self, "reader", checked_reader(self.reader))
        checked_role(self.role)
        if self.occasion not in OCCASIONS:
            raise ValueError(f"{self.occasion!r} is no occasion; use 1, or 2 for a hidden repeat")
        if self.state == "rejected" and not self.reason.strip():
            raise ValueError("a rejected photograph needs a reason")


@dataclass(frozen=True)
class Reading:
    """One saved reading. It is never changed: who thinks again saves another.

    Parameters
    ----------
    number : int
        Place in the trail.
    photograph : str
        File as in ``photos.csv``.
    photograph_sha256 : str
        Hash of its bytes when it was read.
    reader : str
        Who read.
    state : "proposed", "accepted", "corrected" or "rejected"
        How the reading ended.
    reason : str
        Why, or nothing.
    mask_file, mask_sha256 : str or None
        PNG inside the study folder and the hash of its bytes; a rejected photograph may have none.
    model_name, model_sha256 : str
        Model that the proposal came from, or nothing.
    saved_at : datetime
        When, UTC.
    role : "reader" or "adjudicator"
        As whom.
    occasion : 1 or 2
        2 for a hidden repeat.
    sha256 : str
        Hash of its event, which covers all of the above.
    tissue_pixels : mapping of int to int
        Pixels of the mask by value; values that it does not hold are left out.
    """

    number: int
    photograph: str
    photograph_sha256: str
    reader: str
    state: ReadingState
    reason: str
    mask_file: str | None
    mask_sha256: str | None
    model_name: str
    model_sha256: str
    saved_at: datetime
    role: Role = "reader"
    occasion: int = 1
    sha256: str = ""
    tissue_pixels: Mapping[int, int] = field(default_factory=dict, hash=False)

    @property
    def teaches(self) -> bool:
        """Whether a person stands for its mask, so that a model may learn from it."""
        return self.state in MADE_BY_A_READER


def counting_readings(newest: Sequence[Reading], adjudication: Reading | None = None) -> tuple[Reading, ...]:
    """Return which readings of one photograph count for its areas, by reader's name; none where nobody read it.

    The adjudication, if it is newer than every reading; else the readings with a mask that a person stands for; else
    those that reject the photograph. A reading that rejects what another accepts does not count until an adjudicator
    says so.

    Parameters
    ----------
    newest : sequence of Reading
        The newest of each reader, without hidden repeats. Proposals are passed over.
    adjudication : Reading, optional
        The newest of an adjudicator.
    """
    told = sorted((each for each in newest if each.state != "proposed"), key=lambda each: each.reader)
    if adjudication is not None and all(adjudication.number > each.number for each in told):
        return (adjudication,)
    return tuple(each for each in told if each.teaches) or tuple(told)


@dataclass(frozen=True)
class Agreement:
    """What the readings of one photograph have in common.

    Parameters
    ----------
    mask : (H, W) uint8
        Tissue of each pixel; unlabelled where readers differ or nobody labelled.
    differing : float
        Share of the pixels called skin by any reader at which two readers name different tissues, 0 to 1.
    """

    mask: Mask
    differing: float


def agreement(masks: Sequence[Mask]) -> Agreement:
    """Return what masks (H, W) of one photograph agree on.

    A pixel that one reader left unlabelled is no opinion: the other readers' tissue stands.

    Raises
    ------
    ValueError
        There is no mask, or their sizes differ.
    """
    if len({mask.shape for mask in masks}) != 1:
        raise ValueError(f"masks of one photograph must have one size, not {[mask.shape for mask in masks]}")
    agreed = masks[0].copy()
    skin = is_skin(agreed)
    differing = np.zeros(agreed.shape, bool)
    for mask in masks[1:]:
        differing |= (mask != agreed) & (mask != UNLABELLED) & (agreed != UNLABELLED)
        agreed = np.where(agreed == UNLABELLED, mask, agreed)
        skin |= is_skin(mask)
    share = differing.sum() / max(int((skin | differing).sum()), 1)
    return Agreement(np.where(differing, np.uint8(UNLABELLED), agreed), float(share))


def is_skin(mask: Mask) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return which pixels of a mask (H, W) a reader called skin, covered or not."""
    return np.asarray((mask != Tissue.BACKGROUND) & (mask != UNLABELLED))
