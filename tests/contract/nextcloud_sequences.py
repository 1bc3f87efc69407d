"""In which order do the recordings belong together, and which are left out, and why?

The file of recordings is sorted by name. A sequence names those of one walk in the order in which the server must have
met them; what no recording shows (a group that had to be there) is prepared between them.
"""

from __future__ import annotations

from tests.contract.nextcloud_replay import Replay
from tests.contract.nextcloud_steps import (
    PASSWORD,
    Sequence,
    Step,
    app_password_of_admin,
    granted,
    group,
    maintained,
    pieces,
    put,
    user,
    without,
)
from tests.contract.nextcloud_walk import WALK, of


def json_bodies() -> Sequence:
    """What JSON's types do in the create call, and what an account is that was left half made."""
    names = (
        *("displayname-65chars", "groups-empty", "groups-null", "groups-one-bad", "groups-string", "password-int"),
        *("quota-default", "quota-int", "quota-none", "quota-null", "quota-zero", "unknown-field"),
    )
    steps = tuple(Step(name=f"v2-user-create-json-{name}", quota_is_noted=True) for name in names)
    return (
        group("flowgrp"),
        *steps,
        *of("v2", "half-created-1", "half-created-2-retry", "half-created-3-state"),
        user("mail-a"),
        "v2-user-create-same-email",
        user("trash-u"),
        "v2-user-delete-with-files",
    )


FLOW = "/apps/workflowengine/api/v1/workflows/global"

QUOTA: Sequence = (
    "quota-create-user", "quota-read-never-logged-in", "quota-propfind-first-login", "quota-read-after-first-login",
    "quota-put-fits", "quota-read-after-put-5MB", "quota-put-over", "quota-put-over-txt",
    "quota-read-after-refused-put", "quota-propfind-after", "quota-delete", "quota-read-after-delete-to-trash",
    "quota-propfind-after-delete", "quota-trash-empty", "quota-read-after-trash-emptied", "quota-lower-below-used",
    "quota-read-below-used", "quota-propfind-below-used", "quota-put-small-when-over", "quota-put-empty-when-over",
    "quota-mkcol-when-over", "quota-get-when-over",
    lambda replay: replay.ocs("PUT", "/cloud/users/quota-u", {"key": "quota", "value": "none"}),
    "quota-read-none", "quota-propfind-quota-none",
    lambda replay: replay.ocs("PUT", "/cloud/users/quota-u", {"key": "quota", "value": "0"}),
    "quota-read-zero", "quota-propfind-quota-zero", "quota-put-quota-zero",
    lambda replay: replay.ocs("PUT", "/cloud/users/quota-u", {"key": "quota", "value": "default"}),
    "quota-read-default", "users-details-search", "quota-default-set", "quota-read-default-7GB", "quota-default-unset",
    "quota-max-set", "quota-over-max", "quota-max-unset",
    "quota-unlimited-forbid", "quota-none-forbidden", "quota-unlimited-allow",
    user("a b v1"), user("a b v2"), "users-details-usage-report",
)  # fmt: skip

TMP_RULE = {
    "class": "OCA\\FilesAccessControl\\Operation",
    "name": "tmp",
    "checks": [
        {"class": "OCA\\WorkflowEngine\\Check\\FileSize", "operator": "greater", "value": "1 MB"},
        {"class": "OCA\\WorkflowEngine\\Check\\UserGroupMembership", "operator": "is", "value": "tmpgrp"},
    ],
    "operation": "deny",
    "entity": "OCA\\WorkflowEngine\\Entity\\File",
    "events": [],
}

RULES: Sequence = (
    group("flowgrp"), user("flow-a", "flowgrp", quota="2 GB"), user("flow-b"),
    lambda replay: replay.send("PROPFIND", "/remote.php/dav/files/flow-a/", user="flow-a"),
    "flow-list-empty", "flow-list-empty-v1", "flow-create-size", "flow-create-mime", "flow-create-duplicate",
    "flow-list", "flow-get-by-class", "flow-get-one", "flow-delete", "flow-delete-again", "flow-delete-v1-missing",
    "flow-create-mime-is", "flow-create-no-name",
    "flow-create-bad-check-class", "flow-create-bad-class", "flow-create-bad-group", "flow-create-bad-operator",
    "flow-create-bad-regex", "flow-create-bad-size", "flow-create-bad-size-bytes", "flow-create-bad-size-decimal",
    "flow-create-no-checks", "flow-create-form", "flow-create-form-with-events", "flow-create-json-no-events",
    "flow-create-as-user", "flow-list-as-user", "flow-user-scope",
    "flow-update", "flow-update-partial", "flow-update-missing",
    "flow-put-under-limit", "flow-put-over-limit", "flow-put-exactly-limit", "flow-put-over-limit-other-group",
    "flow-put-mime-blocked", "flow-put-mime-blocked-other-group", "flow-put-mime-renamed-extension",
    "flow-get-mime-renamed", "flow-move-to-mp4", "flow-blocked-existing-get", "flow-blocked-existing-delete",
    "flow-put-over-limit-transfer-chunked-buffered",
    put("lie.txt", b"x" * 3145728, OC_Total_Length="10"), "flow-put-lying-header-size-check",
    put("chunked.txt", b""), "flow-propfind-after",
    without(f"{FLOW}/1"), without(f"{FLOW}/2"), without(f"{FLOW}/4"), without(f"{FLOW}/5"),
    "flow-allowlist-bad-create", "flow-allowlist-bad-propfind", "flow-allowlist-bad-mkcol",
    "flow-allowlist-bad-put-allowed-type",
    "flow-allowlist-good", "flow-allowlist-good-mkcol", "flow-allowlist-good-put-pdf", "flow-allowlist-good-put-exe",
    "flow-allowlist-good-put-exe-as-pdf", "flow-allowlist-get-exe-as-pdf", "flow-allowlist-good-put-unknown-ext",
    "flow-size-rule-for-chunk", "flow-chunk-no-total-mkcol", pieces("up-no-total"), "flow-chunk-no-total-move",
    "flow-chunk-honest-mkcol", pieces("up-honest2"), "flow-chunk-honest-move",
    "flow-put-over-limit-lying-header", group("tmpgrp"),
    lambda replay: replay.ocs("POST", FLOW, TMP_RULE),
    without("/cloud/groups/tmpgrp"), "flow-list-after-group-deleted", "flow-update-after-group-deleted",
    app_password_of_admin, Step(name="apppw-admin-flow-create", is_by_app=True),
)  # fmt: skip


def known_password(replay: Replay) -> None:
    """Let pwlink have the password that the recordings after it were made with."""
    replay.ocs("PUT", "/cloud/users/pwlink", {"key": "password", "value": PASSWORD})
    replay.passwords["pwlink"] = PASSWORD


def app(name: str) -> Step:
    return Step(name=name, is_by_app=True)


def enabled_again(replay: Replay) -> None:
    replay.ocs("PUT", "/cloud/users/pwlink/enable")


def another_app_password(replay: Replay) -> None:
    data = replay.ocs("GET", "/core/getapppassword", user="pwlink")
    replay.app_passwords["pwlink"] = data["apppassword"]


APP_PASSWORDS: Sequence = (
    "mail-create-email-only", "mail-create-host-header", "mail-create-with-password", "mail-welcome-resend",
    "reset-old-token-after-resend", "reset-set-no-csrf", "reset-set-weak", "reset-set-ok", "reset-set-again",
    known_password, "apppw-get", app("apppw-get-with-apppw"), app("apppw-use-ocs"), "apppw-admin-changes-password",
    app("apppw-after-password-change"), app("apppw-rotate"), app("apppw-new-after-rotate"),
    "apppw-user-disabled", app("apppw-use-when-disabled"), enabled_again,
    app("apppw-use-when-reenabled"), app("apppw-delete-current"), app("apppw-after-delete"),
    another_app_password, "apppw-wipe", app("apppw-after-wipe"), "apppw-delete-with-real-password",
    user("a b v1"), app_password_of_admin, app("apppw-admin-create-user"), app("apppw-admin-edit-user"),
    app("apppw-admin-delete-user"), app("apppw-admin-list-users"), app("apppw-bearer"),
)  # fmt: skip

LOGIN_FLOW: Sequence = (
    user("pwlink"),
    "loginflow2-init",
    "loginflow2-poll-badtoken",
    "loginflow2-poll-pending",
    granted,
    "loginflow2-poll-granted",
    "loginflow2-poll-again",
)

MAINTENANCE: Sequence = (
    "status-php", "status-php-head",
    maintained(on=True),
    "maintenance-status-php", "maintenance-ocs-v1", "maintenance-ocs-v2", "maintenance-ocs-v2-xml",
    "maintenance-ocs-v2-create", "maintenance-ocs-capabilities", "maintenance-webdav-propfind",
    "maintenance-webdav-put", "maintenance-web", "maintenance-loginflow2",
)  # fmt: skip

SETTINGS: Sequence = (
    "apps-list", "app-enable-missing", "app-enable",
    "appconfig-core-write", "appconfig-core-delete", "appconfig-installed_version", "appconfig-unknown-app",
    "policy-read", "policy-set-minlength", "policy-set-numeric",
    "policy-set-upperlower", "policy-set-special", "policy-validate-weak", "policy-validate-good",
    "policy-violation-0", "policy-violation-1", "policy-violation-2", "policy-violation-3", "policy-violation-4",
    Step(name="policy-capabilities", is_part=True), Step(name="serverinfo", is_part=True),
    "app-disable",
)  # fmt: skip


def two_wrong_passwords(replay: Replay) -> None:
    wrong_passwords(replay, 2)


def ten_more_wrong_passwords(replay: Replay) -> None:
    wrong_passwords(replay, 10)


def wrong_passwords(replay: Replay, count: int) -> None:
    for _ in range(count):
        replay.send("GET", "/ocs/v2.php/cloud/user", None, {"OCS-APIRequest": "true"}, "nobody-here", "salah")


ATTEMPTS: Sequence = (
    two_wrong_passwords,
    Step(name="capabilities-anon", is_part=True), Step(name="capabilities-admin", is_part=True), "capabilities-v1-xml",
    ten_more_wrong_passwords, "v2-welcome",
)  # fmt: skip

SEQUENCES: dict[str, Sequence] = {
    "accounts and groups": WALK,
    "create bodies": json_bodies(),
    "quota": QUOTA,
    "rules": RULES,
    "app passwords and mails": APP_PASSWORDS,
    "login flow": LOGIN_FLOW,
    "maintenance": MAINTENANCE,
    "settings": SETTINGS,
    "wrong passwords": ATTEMPTS,
}

# What no sequence plays: a pattern of names, how many recordings have such a name, and why.
LEFT_OUT: dict[str, tuple[int, str]] = {
    "apppw-confirm": (1, "confirming the password is a browser's business: an app password needs none"),
    "apppw-old-*": (2, "a replaced app password is remembered for ten seconds; no call of ours replaces its own"),
    "bench-*": (6, "measurements; the half-made accounts in them are the fault `half_made_account`"),
    "bruteforce-allowlist-*": (3, "the office's own setting, made in the browser"),
    "expired-*": (5, "no call sets an expiry; an expired account is refused as a disabled one is"),
    "flow-allowlist-good-propfind": (1, "the recorded body was cut off"),
    "flow-put-over-limit-transfer-chunked": (
        1,
        "a setting of nginx; the stand-in answers as with buffering, `…-buffered`",
    ),
    "nc-py-api-run": (1, "another client"),
    "ocs-config": (1, "no call of ours"),
    "policy-generate": (1, "no call of ours: passwords are drawn here"),
    "reset-form-*": (2, "a page for a person, to whom the mailed link leads"),
    "reset-mail-*": (3, 'a person\'s own "forgot password": no call of ours, it is counted against the address'),
    "weblogin-*": (2, "a person's login in the browser"),
}
# Recordings of several calls at once, which a test of its own plays.
SERIES = ("bruteforce-sequence", "quota-used-trash-versions")


def names(sequence: Sequence) -> list[str]:
    """The recordings of a sequence."""
    return [step if isinstance(step, str) else step.name for step in sequence if isinstance(step, str | Step)]
