"""Families of looks: every one can be drawn, and none loses the signs that its tissues are told apart by."""

import numpy as np
import pytest
from skimage.color import rgb2lab

from reepi.phantom.appearance import tissue_material
from reepi.phantom.families import HELD_OUT_LOOK, LOOKS, draw_look, draw_skin
from reepi.phantom.looks import Look, TissueLook, encoded, linear


def drawn(name: str) -> list[Look]:
    """Return looks of a family on skins from the lightest to the darkest."""
    rng = np.random.default_rng(1)
    return [draw_look(rng, name, draw_skin(rng, kind)) for kind in np.linspace(0, 5, 12)]


def colour(tissue: TissueLook, look: Look) -> np.ndarray:
    """Return the mean colour of a tissue on the patient's skin, CIELAB."""
    points = np.random.default_rng(0).uniform(-0.1, 0.1, (500, 3)).astype(np.float32)
    skin = np.broadcast_to(look.skin.base, (500, 3))
    return rgb2lab(encoded(tissue_material(tissue, skin, points).albedo.mean(axis=0)))


def test_looks_are_named_and_drawn() -> None:
    """Each family can be asked for, the one held out too; another name is refused with the list."""
    names = (*LOOKS, HELD_OUT_LOOK)
    assert {draw_look(np.random.default_rng(0), name).name for name in names} == set(names)
    with pytest.raises(ValueError, match="raw, dusky"):
        draw_look(np.random.default_rng(0), "purple")


def test_the_look_held_out_is_never_drawn_unasked() -> None:
    """Nor is any of its colours: no family, mixed or not, comes near its white sheets."""
    rng = np.random.default_rng(0)
    looks = [draw_look(rng) for _ in range(300)]
    assert {look.name for look in looks} == set(LOOKS)
    sheets = np.array([encoded(look.detachable.colour).max() for look in looks if look.skin.fitzpatrick < 1])
    held_out = [draw_look(rng, HELD_OUT_LOOK, draw_skin(rng, 0.5)) for _ in range(50)]
    assert np.median([encoded(look.detachable.colour).max() for look in held_out]) > np.quantile(sheets, 0.9)


@pytest.mark.parametrize("name", [*LOOKS, HELD_OUT_LOOK])
def test_tissues_keep_their_signs(name: str) -> None:
    """Moist, melanin-free dermis; wrinkled sheets; healed skin smooth and dry: in every family, on every skin."""
    for look in drawn(name):
        assert look.detached.gloss > look.healed.gloss
        assert look.detached.gloss > look.detachable.gloss
        assert look.detached.roughness < look.healed.roughness
        assert look.detachable.bump_m > 5 * look.healed.bump_m
        assert look.detached.grain_gain > look.healed.grain_gain
        assert look.detached.opacity >= 0.9


@pytest.mark.parametrize("name", [*LOOKS, HELD_OUT_LOOK])
def test_erythema_can_be_seen_on_every_skin(name: str) -> None:
    """It lies at least five units of CIELAB from the skin around it; less escapes the eye in a photograph."""
    for look in drawn(name):
        bare = rgb2lab(encoded(look.skin.base))
        assert np.linalg.norm(colour(look.erythema, look) - bare) > 5


def test_encoding_undoes_decoding() -> None:
    """Linear light of sRGB comes back as sRGB, and too much light as white."""
    values = np.arange(256)
    np.testing.assert_allclose(encoded(linear(values)) * 255, values, atol=1e-2)
    assert encoded(np.float32(7)) == pytest.approx(1)
