"""Which acts stand in the chain? `subject:object:action`; a retired one stays as a comment."""

from __future__ import annotations

from enum import StrEnum


class AuditEvent(StrEnum):
    """Each state change writes exactly one row with one of these, in the same transaction (law 9)."""

    PERSON_ADD = "admin:person:add"
    CONTRACT_RENEW = "person:contract:renew"
    POSITION_END = "worker:position:end"
    LOGIN_SET = "admin:login:set"
    LOGIN_MAKE = "person:login:make"
    LOGIN_OPEN = "person:login:open"
    LOGIN_FAIL = "person:login:fail"
    CODE_ISSUE = "person:code:issue"
    CODE_USE = "person:code:use"
    CODE_FAIL = "person:code:fail"
    PASSWORD_CHANGE = "person:password:change"  # noqa: S105
    TOKEN_ISSUE = "person:token:issue"  # noqa: S105  an event's name, not a secret
    REQUEST_SUBMIT = "person:request:submit"
    REQUEST_WITHDRAW = "person:request:withdraw"
    SCAN_FILE = "person:scan:file"
    STEP_DO = "person:step:do"
    STEP_AUTO = "worker:step:do"
    LOOK_ASK = "person:plan:look"
    PLAN_MAKE = "worker:plan:make"
    HOLD_EXPIRE = "worker:hold:expire"
    ADJUSTMENT_PROPOSE = "person:adjustment:propose"
    ADJUSTMENT_WITHDRAW = "person:adjustment:withdraw"
    DECISION_MAKE = "person:decision:make"
    RUN_CHANGE = "worker:run:change"
    RUN_CANCEL = "person:run:cancel"
    RUN_RETRY = "person:run:retry"
    RUN_LOOK = "person:run:look"
    RUN_GIVE_UP = "person:run:give_up"
    INTENT_WRITE = "worker:intent:write"
    RESULT_WRITE = "worker:result:write"
    VERDICT_WRITE = "worker:verdict:write"
    SECRET_SEAL = "worker:secret:seal"  # noqa: S105
    SECRET_DESTROY = "worker:secret:destroy"  # noqa: S105
    SECRET_CLAIM = "person:secret:claim"  # noqa: S105
    SECRET_CLAIM_AGAIN = "person:secret:claim_again"  # noqa: S105
    ITEM_LOOK = "person:item:look"
    ITEM_CHANGE = "worker:item:change"
    ITEM_ALARM = "worker:item:alarm"
    RECEIPT_RECORD = "person:receipt:record"
    LETTER_WRITE = "worker:letter:write"
    LETTER_FILE = "worker:letter:file"
    LETTER_SEND = "worker:letter:send"
    LETTER_HAND_OVER = "person:letter:hand_over"
    NOTICE_WRITE = "worker:notice:write"
    NOTICE_SEND = "worker:notice:send"
    EXECUTOR_LOST = "worker:executor:lost"
