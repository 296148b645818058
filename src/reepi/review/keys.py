"""Keys on napari's viewers and layers, bound in code: napari ignores those of a manifest."""

from collections.abc import Callable, Mapping
from typing import Any

Keys = Mapping[str, Callable[[], None]]
"""What is done by each key, as napari writes keys."""


def bind(target: Any, keys: Keys) -> None:
    """Bind keys on a viewer or a layer, before those that napari gives to all of its kind."""
    for key, action in keys.items():
        target.bind_key(key, _without_target(action), overwrite=True)


def bind_alone(target: Any, keys: Keys) -> None:
    """Bind keys on a viewer or a layer, and let none of napari's own reach it or the viewer behind it."""
    bind(target, keys)
    # napari fails at its own way to block a key, which is to give `...` in the place of what is done.
    target.bind_key(..., _nothing, overwrite=True)


def _without_target(action: Callable[[], None]) -> Callable[[Any], None]:
    return lambda target: action()


def _nothing(target: Any) -> None:
    """Do nothing."""
