"""Which types of file does each class mean? One table; what an account may keep is asked by class.

Types are those that Nextcloud gives to a file by its name's ending (its `mimetypemapping.dist.json`); documents with
macros (docm, xlsm) and programs are in no class. `EDITION` is part of a limit class's name: raise it when a class
changes, so that what was granted before stays as it was granted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

EDITION = 1
ALL = "semua"
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"


@dataclass(frozen=True, kw_only=True)
class FileClass:
    """One class: its types, what people call it, and an ending of each sort by which it is tried."""

    types: tuple[str, ...]
    words: str
    endings: tuple[str, ...]


CLASSES: Mapping[str, FileClass] = {
    "arsip": FileClass(
        types=(
            "application/x-7z-compressed",
            "application/x-bzip2",
            "application/x-compressed",
            "application/x-gzip",
            "application/x-rar-compressed",
            "application/x-tar",
            "application/zip",
        ),
        words="arsip (zip, 7z, rar, tar)",
        endings=("zip",),
    ),
    "audio_video": FileClass(
        types=("audio/*", "video/*"), words="audio dan video (audio_video)", endings=("mp3", "mp4")
    ),
    "dokumen": FileClass(
        types=(
            "application/msword",
            "application/pdf",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            f"{_OPEN_DOCUMENT}.graphics",
            f"{_OPEN_DOCUMENT}.presentation",
            f"{_OPEN_DOCUMENT}.spreadsheet",
            f"{_OPEN_DOCUMENT}.text",
            f"{_OPEN_XML}.presentationml.presentation",
            f"{_OPEN_XML}.presentationml.slideshow",
            f"{_OPEN_XML}.spreadsheetml.sheet",
            f"{_OPEN_XML}.wordprocessingml.document",
            "text/csv",
            "text/markdown",
            "text/plain",
            "text/rtf",
        ),
        words="dokumen (pdf, docx, xlsx, pptx, odt, txt)",
        endings=("pdf", "docx"),
    ),
    "gambar": FileClass(types=("image/*",), words="gambar (jpg, png, tiff)", endings=("png",)),
    "peta": FileClass(
        types=(
            "application/gpx+xml",
            "application/vnd.google-earth.kml+xml",
            "application/vnd.google-earth.kmz",
        ),
        words="peta (gpx, kml, kmz)",
        endings=("gpx",),
    ),
}
NAMES = (*CLASSES, ALL)
WORDS: Mapping[str, str] = {**{name: one.words for name, one in CLASSES.items()}, ALL: "semua jenis (semua)"}
_IN_NO_CLASS = ("exe",)


def types_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return the sorted types of some classes: ('application/pdf', 'image/*', ...); none for all of them."""
    return tuple(sorted({kind for name in names if name != ALL for kind in CLASSES[name].types}))


def endings(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return by which endings the classes are tried: those that are taken, and those that are not.

    endings(['gambar']) -> (['png'], ['zip', 'mp3', ..., 'exe']).
    """
    chosen = [*names]
    taken = {name: ALL in chosen or name in chosen for name in CLASSES}
    allowed = [ending for name in CLASSES if taken[name] for ending in CLASSES[name].endings]
    refused = [ending for name in CLASSES if not taken[name] for ending in CLASSES[name].endings]
    return allowed, [] if ALL in chosen else [*refused, *_IN_NO_CLASS]
