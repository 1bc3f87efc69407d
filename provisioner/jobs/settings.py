"""Which queues are there, and how are they bounded? One place, for worker and gate alike."""

from __future__ import annotations

from dbos import DBOSPortableJSONSerializer

APPLICATION = "gerbang"
# Pinned: by default it is a hash of the workflows' source, so that any edit would strand jobs in flight.
APPLICATION_VERSION = "1"
LOOK, CARRY_OUT, TELL = "look", "carry_out", "tell"
WATCH = "watch"  # a job of the look queue
LETTER, NOTICE = "letter", "notice"  # jobs of the tell queue: one at a time a letter, a person, a request
TOLD_AT_ONCE = 4
LOOKS_AT_ONCE = 4
SERIALIZER = DBOSPortableJSONSerializer()  # inputs are ids; the default would keep pickles in the database
