"""TIFF files without metadata: the compressed picture of the first page is copied, with the tags that it needs."""

import struct
from dataclasses import dataclass
from typing import Final

_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
"""Bytes of a value of each type (TIFF 6.0, section 2)."""

_PICTURE: Final = frozenset((256, 257, 258, 259, 262, 266, 277, 278, 284, 292, 293, 317, 320, 322, 323, 332, 339))
"""Tags that decoding and colours need, beside where the data lie: size, bits, compression, palette, tiles."""

_WHERE: Final = {273: 279, 324: 325}
"""Tags that say where strips or tiles lie, and those that say how long they are."""

_ORIENTATION: Final = 274
_EXTRA_CHANNELS: Final = 338
_EXIF: Final = 34665
_PROFILE: Final = 34675
_LONG: Final = 4
_JPEG: Final = (6, 7)
_MAX_ENTRIES: Final = 512
_MAX_PARTS: Final = 1_000_000


@dataclass(frozen=True)
class _Entry:
    """A tag with its values, in the byte order of its file."""

    tag: int
    kind: int
    count: int
    data: bytes


def cleaned_tiff(content: bytes, exif: bytes, profile: bytes | None) -> bytes:
    """Return a TIFF file with nothing but its first page, its orientation, a block of EXIF and a colour profile.

    Parameters
    ----------
    content : bytes
        The file.
    exif : bytes
        Block of EXIF (a little-endian TIFF of its own) to keep; may be empty.
    profile : bytes, optional
        Colour profile to keep.

    Raises
    ------
    ValueError
        The file is damaged, a BigTIFF, or compressed as JPEG inside; or it has channels beside its colours.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(content[:4])
    if order is None:
        raise ValueError("this is no classic TIFF file")
    entries = {entry.tag: entry for entry in _entries(content, order)}
    if _number(entries.get(259), order) in _JPEG:
        raise ValueError("its parts are JPEG files, which may carry metadata of their own")
    if _EXTRA_CHANNELS in entries:
        raise ValueError("it has channels beside its colours, which may show what was taken out of the picture")
    kept = [entry for tag, entry in entries.items() if tag in _PICTURE]
    if _ORIENTATION in entries:
        kept.append(entries[_ORIENTATION])
    if profile:
        kept.append(_Entry(_PROFILE, 7, len(profile), profile))
    where = next((tag for tag in _WHERE if tag in entries and _WHERE[tag] in entries), None)
    if where is None:
        raise ValueError("it does not say where its picture lies")
    parts = _parts(content, entries[where], entries[_WHERE[where]], order)
    return _assembled(order, kept, where, parts, _focal_entries(exif, order))


def _entries(content: bytes, order: str) -> list[_Entry]:
    try:
        (place,) = struct.unpack_from(order + "I", content, 4)
        (count,) = struct.unpack_from(order + "H", content, place)
        return [_entry(content, order, place + 2 + 12 * number) for number in range(min(count, _MAX_ENTRIES))]
    except struct.error:
        raise ValueError("the directory is cut off") from None


def _entry(content: bytes, order: str, place: int) -> _Entry:
    tag, kind, count = struct.unpack_from(order + "HHI", content, place)
    size = _SIZES.get(kind, 0) * count
    start = place + 8 if size <= 4 else struct.unpack_from(order + "I", content, place + 8)[0]
    if start + size > len(content):
        raise ValueError("a tag is cut off")
    return _Entry(tag, kind, count, content[start : start + size])


def _numbers(entry: _Entry, order: str) -> tuple[int, ...]:
    form = {1: "B", 3: "H", 4: "I"}.get(entry.kind)
    if form is None or entry.count > _MAX_PARTS:
        raise ValueError("a tag is damaged")
    return struct.unpack(f"{order}{entry.count}{form}", entry.data)


def _number(entry: _Entry | None, order: str) -> int | None:
    return None if entry is None else next(iter(_numbers(entry, order)), None)


def _parts(content: bytes, where: _Entry, lengths: _Entry, order: str) -> list[bytes]:
    places, sizes = _numbers(where, order), _numbers(lengths, order)
    if len(places) != len(sizes) or any(p + s > len(content) for p, s in zip(places, sizes, strict=True)):
        raise ValueError("the picture is cut off")
    if sum(sizes) > len(content):
        raise ValueError("the parts of the picture overlap")
    return [content[place : place + size] for place, size in zip(places, sizes, strict=True)]


def _focal_entries(exif: bytes, order: str) -> list[_Entry]:
    """Return the entries of the EXIF directory of a block, in another byte order."""
    if not exif:
        return []
    top = {entry.tag: entry for entry in _entries(exif, "<")}
    if _EXIF not in top:
        return []
    place = _numbers(top[_EXIF], "<")[0]
    moved = exif[:4] + struct.pack("<I", place) + exif[8:]
    return [_reordered(entry, order) for entry in _entries(moved, "<")]


def _reordered(entry: _Entry, order: str) -> _Entry:
    unit = {3: "H", 4: "I", 5: "I"}[entry.kind]
    values = struct.unpack(f"<{len(entry.data) // struct.calcsize(unit)}{unit}", entry.data)
    return _Entry(entry.tag, entry.kind, entry.count, struct.pack(f"{order}{len(values)}{unit}", *values))


def _assembled(order: str, kept: list[_Entry], where: int, parts: list[bytes], block: list[_Entry]) -> bytes:
    """Return a file: head, directory, its values, EXIF directory, the picture."""
    numbers = struct.pack(f"{order}{len(parts)}I", *(len(part) for part in parts))
    lengths = _Entry(_WHERE[where], _LONG, len(parts), numbers)
    unplaced = _Entry(where, _LONG, len(parts), bytes(4 * len(parts)))
    link = [_Entry(_EXIF, _LONG, 1, bytes(4))] if block else []
    size = len(_directory(order, [*kept, lengths, unplaced, *link], 8))
    exif = _directory(order, block, 8 + size) if block else b""
    place, places = 8 + size + len(exif), []
    for part in parts:
        places.append(place)
        place += len(part) + len(part) % 2
    if place >= 2**32:
        raise ValueError("it is too large for a classic TIFF file")
    placed = _Entry(where, _LONG, len(parts), struct.pack(f"{order}{len(parts)}I", *places))
    link = [_Entry(_EXIF, _LONG, 1, struct.pack(order + "I", 8 + size))] if block else []
    top = _directory(order, [*kept, lengths, placed, *link], 8)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return b"".join([head, top, exif, *(part + bytes(len(part) % 2) for part in parts)])


def _directory(order: str, entries: list[_Entry], place: int) -> bytes:
    after, fixed, following = place + 2 + 12 * len(entries) + 4, b"", b""
    for entry in sorted(entries, key=lambda each: each.tag):
        fixed += struct.pack(order + "HHI", entry.tag, entry.kind, entry.count)
        if len(entry.data) <= 4:
            fixed += entry.data.ljust(4, b"\0")
        else:
            fixed += struct.pack(order + "I", after + len(following))
            following += entry.data + bytes(len(entry.data) % 2)
    return struct.pack(order + "H", len(entries)) + fixed + bytes(4) + following
