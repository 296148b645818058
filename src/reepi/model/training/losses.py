"""What training minimises: the label-set loss of tissues, and the distance law of correspondences."""

from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from reepi.core.tissue import Tissue
from reepi.model.architecture import LOG_DISTANCE_RANGE
from reepi.model.network import CorrespondenceNetwork, Places

DICE_WEIGHT: Final = 1.0
"""Weight of the overlap term beside the likelihood; lesions are small, and likelihood alone overlooks them."""

NEAR_M: Final = 0.1
"""Distance [m] that counts as one unit of the plain distance term."""

ANCHOR_WEIGHT: Final = 0.5
"""Weight of the anchors' names beside the points."""

SHARPNESS: Final = 0.5
"""Spread of the target over a neighbourhood of anchors, in units of its reach."""

VIEW_WEIGHT: Final = 1.0
"""Weight of the view's name beside a pixel's place."""


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


class Truth(NamedTuple):
    """What the pixels of a batch truly show.

    Parameters
    ----------
    points : (B, 3, h, w)
        Canonical points [m]; any value where there is no body.
    anchor : (B, h, w) int64
        Their nearest anchors.
    body : (B, h, w)
        1 body, 0 none, negative unknown.
    view : (B,) int64
        View that each photograph shows.
    """

    points: Tensor
    anchor: Tensor
    body: Tensor
    view: Tensor


def correspondence_loss(network: CorrespondenceNetwork, places: Places, truth: Truth) -> Tensor:
    """Return the loss of the correspondence network.

    Parameters
    ----------
    network : CorrespondenceNetwork
        For its anchors.
    places : Places
        What it says of a batch.
    truth : Truth
        What is true of it.

    Notes
    -----
    The distance d to the true point follows exp(-3 d / s) / s³ up to a constant, an isotropic Laplace law in three
    dimensions whose mean distance is s; its negative log likelihood over 3 is d / s + log s. A plain distance term
    keeps far points learning, which the likelihood alone gives up. To that come the cross-entropies of the anchors
    (against a target that is spread over the neighbourhood of the true one as a Gaussian of the distance from the true
    point), of body or not, and of the view.
    """
    there = (truth.body > 0.5).float()
    known = (truth.body >= 0).float()
    distance = torch.sqrt(((places.points - truth.points) ** 2).sum(dim=1) + 1e-8)
    log_scale = places.log_distance.clamp(*LOG_DISTANCE_RANGE)
    each = distance * torch.exp(-log_scale) + log_scale + distance / NEAR_M
    each = each + ANCHOR_WEIGHT * _anchor_loss(network, places.anchors, truth)
    mask = functional.binary_cross_entropy_with_logits(places.body, there, reduction="none")
    view = functional.cross_entropy(places.views, truth.view)
    placed = (each * there).sum() / there.sum().clamp(min=1)
    return placed + (mask * known).sum() / known.sum().clamp(min=1) + VIEW_WEIGHT * view


def _anchor_loss(network: CorrespondenceNetwork, logits: Tensor, truth: Truth) -> Tensor:
    """Return the cross-entropy of the anchors of each pixel, (B, h, w)."""
    near = network.near[truth.anchor]
    gap = (network.anchors[near] - truth.points.permute(0, 2, 3, 1)[..., None, :]).norm(dim=-1)
    reach = network.reach[truth.anchor][..., None]
    target = (-0.5 * (gap / (SHARPNESS * reach)) ** 2).softmax(dim=-1)
    # Along the last axis, as the maps lie in memory: along the second one it takes five times as long.
    log_shares = logits.permute(0, 2, 3, 1).log_softmax(dim=-1).gather(-1, near)
    loss: Tensor = -(target * log_shares).sum(dim=-1)
    return loss
