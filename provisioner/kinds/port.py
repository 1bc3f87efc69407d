"""What must a kind of service be able to say? The port; `catalogue.py` lists who fulfils it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from provisioner.digests import Value
from provisioner.facts.estate import Estate
from provisioner.facts.observation import Observation
from provisioner.items.item import Item
from provisioner.letters.line_report import LineReport
from provisioner.plans.compare import Properties, Stage
from provisioner.plans.hold import Thing
from provisioner.plans.plan import Part, Reason
from provisioner.requests.availability import Verbs
from provisioner.requests.fields import Field
from provisioner.verification.verdict import Trial

# The code of a reason that a look again may take away: the host was not looked at, for it gave no answer. A kind never
# takes what was not looked at for absent.
NOT_LOOKED = "not_looked"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a kind is asked to plan.

    `verb`: 'create', 'change', ... `wish`: the whole wish as it shall be afterwards; `asked`: the line's own fields
    alone ({'storage_gb': 8}, {'reason': ...}). `item`: as it stands, None where the verb makes it; `kept`: what it
    keeps of scarce things. `previous`: choices of an earlier plan of this line, or of the item (then they are kept:
    planning again never chooses anew). `wishes`: a person's wish for the choice, e.g. {"host": "web2"}. `taken`: pool
    -> keys that others hold or quarantine ('fqdn' -> {'simpeg.kota.lab'}). `sums`: pool -> (limit, held by others).
    `free_at`: the day on which a thing of others is let go ('fqdn:simpeg.kota.lab', or the first share of 'web1:uid').
    `item_id`: drawn before asking. `owners`: item id -> its OPD, and `requested`: the whole wish as
    the OPD asked it, whatever is proposed in its place; both for the page alone. `opd`: who asks, or whose item it is.
    """

    verb: str
    wish: Mapping[str, Any]
    item_id: str
    seen: Observation
    estate: Estate
    taken: Mapping[str, frozenset[str]]
    sums: Mapping[str, tuple[int, int]]
    previous: Mapping[str, Value] | None = None
    wishes: Mapping[str, str] | None = None
    owners: Mapping[str, str] = field(default_factory=dict)
    free_at: Mapping[str, date] = field(default_factory=dict)
    asked: Mapping[str, Any] = field(default_factory=dict)
    item: Item | None = None
    kept: tuple[Thing, ...] = ()
    requested: Mapping[str, Any] = field(default_factory=dict)
    opd: str = ""


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A credential the run makes: name 'sftp_password', label (Indonesian), where it is used ({"host", "port": 22}).

    `version` is the one in the object's mark: 1, and one more at each rotation. `is_probe`: made for a trial of the
    run, handed over to nobody and destroyed when the run is delivered.
    """

    name: str
    label: str
    user: str
    use: Mapping[str, Value]
    version: int = 1
    is_probe: bool = False


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What an item was granted of something: 'Ruang simpan', 5368709120, in `unit` 'bytes' | 'bytes_per_second'.

    `measure` names what the nightly look measures of it ('storage_used_bytes'), '' where nothing does.
    """

    label: str
    granted: int
    unit: str
    measure: str


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What the nightly look measures of each item: 'storage_used_bytes', 'Ruang simpan', kept as a series.

    `unit` 'bytes', or 'unix_seconds' for an instant (0: never), of which nobody makes a sum. `not_counted` says what
    the figure leaves out: 'berkas di tempat sampah'.
    """

    name: str
    label: str
    unit: str
    not_counted: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What stands there, for people: one sentence, its address ('' where it has none), its limits.

    `ends`: what of it ends by itself, label -> ISO date: {'Uji keamanan': '2027-11-20'}. `archive`: how its owner
    fetches its contents once it is ending; `fetches_single_files`: as files, so that there is no archive whose sha256
    the receipt could bear. `access`: how its person came by a password where none is claimed here.
    """

    sentence: str
    address: str
    limits: tuple[Limit, ...]
    ends: Mapping[str, str]
    archive: str = ""
    access: str = ""
    fetches_single_files: bool = False


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of service. All callables are pure.

    `fields`: the table of the whole wish; `verbs`: what can be asked, and the table of each verb's line.
    `hosts`: those that could carry an item, and what stands in front of them: a look for a new one asks them all, and
    `choose` passes over who is not in `seen.looked` (NOT_LOOKED where none is left). `places`: the inventory hosts that
    a run with these choices looks at, and a look for a verb on what stands; runs on the first stand in one queue.
    `target`: the item's own on its first place, 'web1/g7kq2mx4pd'; what the nightly look measures is of it.
    `name_pools`: pools of names and addresses, which stay closed for a while after an item that used them.
    `shares_calls`: runs of one request's lines on one place may share a call of the runner (ADR 0024).
    `sums`: the names of what its hosts can promise ('storage_bytes'); by them a host can be wished for.
    `choose` returns choices, or the reasons why it cannot be. `stages` are ordered: the run follows them. `things` are
    all that the item shall keep afterwards: what it keeps already is not held twice, what it needs no more is let go.
    `task_labels` name each task for people ('account' -> 'Akun dan kuota'). `page` is what the plan page shows besides
    changes (keys 'sentence', 'columns', 'neighbours', 'capacity', 'why_here', 'cannot_undo', 'not_compared'); a row of
    'columns' that 'is_first' is never folded away; one of 'capacity' says {label, unit, total, used, promised, after},
    of a disk 'free' too; None: not measured. `secrets` are the credentials that the run makes. `standing`: what people
    see of a delivered item, from its wish and choices.
    `trials` after a run of that verb. `measures`: what is kept as a series of each item. `title` is what people call
    the item ('simpeg.kota.lab'). `report` is what a letter says of a delivered line: (verb, asked wish, granted wish,
    choices); never a secret.
    """

    name: str
    label: str
    fields: tuple[Field, ...]
    systems: tuple[str, ...]
    properties: Properties
    verbs: Verbs
    task_labels: Mapping[str, str]
    title: Callable[[Mapping[str, Value]], str]
    hosts: Callable[[Estate], tuple[str, ...]]
    places: Callable[[Mapping[str, Value]], tuple[str, ...]]
    target: Callable[[Mapping[str, Value]], str]
    name_pools: frozenset[str]
    sums: frozenset[str]
    choose: Callable[[Question], Mapping[str, Value] | tuple[Reason, ...]]
    stages: Callable[[Question, Mapping[str, Value]], tuple[Stage, ...]]
    things: Callable[[Question, Mapping[str, Value]], tuple[Thing, ...]]
    page: Callable[[Question, Mapping[str, Value], tuple[Part, ...]], Mapping[str, Any]]
    standing: Callable[[Mapping[str, Any], Mapping[str, Value]], Standing]
    secrets: Callable[[Question, Mapping[str, Value]], tuple[Secret, ...]]
    trials: Callable[[Question, Mapping[str, Value]], tuple[Trial, ...]]
    report: Callable[[str, Mapping[str, Any], Mapping[str, Any], Mapping[str, Value]], LineReport]
    shares_calls: bool = False
    measures: tuple[Measure, ...] = ()
