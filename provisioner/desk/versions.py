"""Versions: what did each version of a request ask, in words?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from provisioner.errors import Refused
from provisioner.kinds.port import Kind
from provisioner.procedures.procedure import Step
from provisioner.requests.filed import FiledRequest
from provisioner.requests.mark import Mark, compared, read_marks
from provisioner.requests.reading import Reading, read_request
from provisioner.store import people, scans, versions
from provisioner.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version as it was asked: who wrote it, when, and each field as it is read."""

    number: int
    author_name: str
    written_at: datetime
    received_sha256: str
    readings: tuple[Reading, ...]


def versions_of(uow: UnitOfWork, kinds: Mapping[str, Kind], request: FiledRequest) -> tuple[Version, ...]:
    """Return the request's versions, the first one first; what was granted instead is no version of what was asked."""
    found = versions.of_request(uow, request.id)
    names = {author: people.person(uow, author).name for author in {one.author_id for one in found}}
    verbs = {name: kind.verbs for name, kind in kinds.items()}
    shown = {line.number for line in request.lines}
    told = []
    for one in found:
        as_it_was = replace(
            request,
            application_name=one.application_name,
            letter=one.letter,
            administrative=one.administrative,
            technical=one.technical,
            technical_of_lines={number: one.technical_of_lines[number] for number in shown & {*one.technical_of_lines}},
            lines=tuple(replace(line, wish=one.wishes.get(line.id, {})) for line in request.lines),
        )
        version = Version(
            number=one.number,
            author_name=names[one.author_id],
            written_at=one.written_at,
            received_sha256=one.received_sha256,
            readings=read_request(as_it_was.as_document(), verbs),
        )
        told.append(version)
    return tuple(told)


def marks_of(
    uow: UnitOfWork, kinds: Mapping[str, Kind], request: FiledRequest, step: Step, sent: Mapping[str, Any] | None
) -> Mapping[str, Mark] | None:
    """Read the marks of a step that compares: all of them, or none where no scan lies there to compare with.

    BadInput lists every field that lacks its mark; Refused where the step compares nothing.
    """
    if not step.compares:
        if sent:
            raise Refused("langkah ini tidak membandingkan surat", request.number, "Kirim tanpa tanda.")
        return None
    if not sent and scans.of_request(uow, request.id) is None:
        return None
    return read_marks(sent or {}, compared(versions_of(uow, kinds, request)[-1].readings))
