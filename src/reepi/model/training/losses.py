"""What training minimises: the label-set loss of tissues, and the distance law of correspondences."""

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from reepi.core.tissue import Tissue
from reepi.model.network import LOG_DISTANCE_RANGE

DICE_WEIGHT: Final = 1.0
"""Weight of the overlap term beside the likelihood; lesions are small, and likelihood alone overlooks them."""

NEAR_M: Final = 0.1
"""Distance [m] that counts as one unit of the plain distance term."""


def allowed_tissues(label_sets: Tensor) -> Tensor:
    """Return which tissues each label set holds, (B, 7, H, W) bool.

    Parameters
    ----------
    label_sets : (B, H, W) uint8
        Bit t is set if tissue t is possible; 0 is unlabelled.
    """
    bits = torch.arange(len(Tissue), device=label_sets.device).view(1, -1, 1, 1)
    return ((label_sets[:, None].int() >> bits) & 1).bool()


def label_set_nll(logits: Tensor, label_sets: Tensor) -> Tensor:
    """Return the mean of -log(sum of the probabilities of the set) over labelled pixels.

    Parameters
    ----------
    logits : (B, 7, H, W)
        Tissue logits.
    label_sets : (B, H, W) uint8
        Bit t is set if tissue t is possible; 0 is unlabelled.

    Notes
    -----
    The likelihood of a coarse label is the sum over what it may mean (superset learning; Cour, Sapp & Taskar, J Mach
    Learn Res 2011;12:1501). A set of all tissues costs nothing, a set of one is cross-entropy.
    """
    allowed = allowed_tissues(label_sets)
    labelled = label_sets > 0
    outside = torch.where(allowed, logits, torch.full_like(logits, -torch.inf))
    outside = torch.where(labelled[:, None], outside, logits)
    nll = torch.logsumexp(logits, dim=1) - torch.logsumexp(outside, dim=1)
    return nll.sum() / labelled.sum().clamp(min=1)


def label_set_dice_loss(logits: Tensor, label_sets: Tensor) -> Tensor:
    """Return 1 - soft Dice, averaged over the tissues that the batch is sure about.

    For tissue t a pixel counts as positive if its set is {t}, as negative if t is not in it, else not at all.
    """
    probabilities = logits.softmax(dim=1)
    allowed = allowed_tissues(label_sets)
    sure = allowed & (allowed.sum(dim=1, keepdim=True) == 1)
    counts = (sure | ~allowed) & (label_sets > 0)[:, None]
    overlap = (probabilities * sure).sum(dim=(0, 2, 3))
    predicted = (probabilities * counts).sum(dim=(0, 2, 3))
    true = sure.sum(dim=(0, 2, 3))
    present = true > 0
    dice = (2 * overlap + 1) / (predicted + true + 1)
    return (1 - dice)[present].mean() if present.any() else logits.sum() * 0


def tissue_loss(logits: Tensor, label_sets: Tensor) -> Tensor:
    """Return the loss of the tissue network: label-set likelihood and overlap."""
    return label_set_nll(logits, label_sets) + DICE_WEIGHT * label_set_dice_loss(logits, label_sets)


def correspondence_loss(output: Tensor, points: Tensor, body: Tensor) -> Tensor:
    """Return the loss of the correspondence network.

    Parameters
    ----------
    output : (B, 5, H, W)
        Points [m], log distance [log m], body logit.
    points : (B, 3, H, W)
        True canonical points [m]; any value where there is no body.
    body : (B, H, W)
        1 body, 0 none, negative unknown.

    Notes
    -----
    The distance d to the true point follows exp(-3 d / s) / s³ up to a constant, an isotropic Laplace law in three
    dimensions whose mean distance is s; its negative log likelihood over 3 is d / s + log s. A plain distance term
    keeps far points learning, which the likelihood alone gives up.
    """
    there = (body > 0.5).float()
    distance = torch.sqrt(((output[:, :3] - points) ** 2).sum(dim=1) + 1e-8)
    log_scale = output[:, 3].clamp(*LOG_DISTANCE_RANGE)
    each = distance * torch.exp(-log_scale) + log_scale + distance / NEAR_M
    known = (body >= 0).float()
    mask = functional.binary_cross_entropy_with_logits(output[:, 4], there, reduction="none")
    return (each * there).sum() / there.sum().clamp(min=1) + (mask * known).sum() / known.sum().clamp(min=1)
