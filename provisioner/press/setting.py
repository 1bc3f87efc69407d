"""How is a sheet set into PDF/A? By typst, from the press's own template and one font given by path.

The sheet goes in as JSON in `sys.inputs`: a value is a string to the template and never markup, so a name such as
`#read("/etc/passwd")` prints as typed. The template is the only file typst may read (its root holds nothing else of
ours that is not public), system fonts are ignored, so that fontconfig is never opened.

Source: typst 0.15 reference, `pdf-standard` and `sys.inputs`; ISO 19005-2 (PDF/A-2b).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import typst

from provisioner.errors import Unavailable

TEMPLATE = Path(__file__).with_name("letter.typ")
STANDARD: Literal["a-2b"] = "a-2b"
FACES = ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf")


def set_sheet(fonts: Path, sheet: Mapping[str, Any]) -> bytes:
    """Return the letter as PDF/A-2b: the same sheet gives the same bytes.

    `fonts` is Debian's folder of fonts-liberation; Unavailable where a face is missing (typst would quietly take
    another), or where typst cannot set the sheet.
    """
    missing = [face for face in FACES if not (fonts / face).is_file()]
    if missing:
        raise Unavailable(f"huruf {', '.join(missing)} tidak ada", str(fonts), "Pasang paket fonts-liberation.")
    try:
        paper = typst.compile(
            TEMPLATE,
            root=TEMPLATE.parent,
            font_paths=[fonts],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"sheet": json.dumps(sheet, ensure_ascii=False)},
            pdf_standards=[STANDARD],
            timestamp=_moment(*sheet["created"]),
        )
    except typst.TypstError as fault:
        raise Unavailable(
            f"surat tidak dapat dicetak: {fault}", "percetakan", "Laporkan dengan nomor surat."
        ) from fault
    assert isinstance(paper, bytes)
    return paper


def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime:
    """Return the sheet's own moment: what the file says of its making comes from the record too."""
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
