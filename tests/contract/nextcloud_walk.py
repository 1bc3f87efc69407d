"""In which order were accounts and groups recorded? Version 1 and version 2 of OCS side by side, on one server."""

from __future__ import annotations

from tests.contract.nextcloud_steps import Sequence, Step, fifty_edits, later


def of(version: str, *names: str) -> Sequence:
    return tuple(f"{version}-{name}" for name in names)


def groups(version: str) -> Sequence:
    """A fresh server's groups are made and listed."""
    return of(
        version,
        *("group-create", "group-create-displayname", "group-create-japanese", "group-create-slash"),
        *("group-create-duplicate", "group-create-empty", "group-create-missing-param", "xml-error"),
        *("groups-list", "groups-list-search", "groups-list-limit-offset", "groups-details"),
        *("group-users", "group-users-missing"),
    )


def accounts(version: str) -> Sequence:
    """Accounts are made in every way that succeeds or does not, and listed."""
    return of(
        version,
        *("user-create-full", "user-create-full-json", "user-create-email-only", "user-create-userid-space-inside"),
        *("user-create-duplicate", "user-create-duplicate-case", "user-create-empty-userid"),
        *("user-create-invalid-userid", "user-create-invalid-userid-japanese", "user-create-userid-dots"),
        *("user-create-userid-leading-space", "user-create-userid-reserved", "user-create-userid-64"),
        *("user-create-userid-65", "user-create-missing-userid", "user-create-no-password-no-email"),
        *("user-create-weak-short", "user-create-weak-common", "user-create-long-password"),
        *("user-create-missing-group", "user-create-missing-group-check", "user-create-groups-as-string"),
        *("user-create-invalid-quota", "user-create-invalid-quota-check", "user-create-invalid-language"),
        *("user-create-invalid-language-check", "user-create-email-invalid"),
        *("users-list", "users-list-limit2", "users-list-limit2-offset2", "users-list-limit0"),
        *("users-list-limit-negative", "users-list-offset-beyond", "users-list-search-id"),
        *("users-list-search-displayname", "users-list-search-email", "users-list-search-none", "users-details"),
        *("user-get", "user-get-missing", "user-get-self"),
        *("user-group-add", "user-group-add-again", "user-group-add-empty", "user-group-add-missing-group"),
        *("user-group-add-missing-user", "user-groups", "user-group-remove", "user-group-remove-again"),
    )


def edits() -> Sequence:
    """Every field is edited, and every quota that was tried, read back after each."""
    quotas = (
        *("5GB", "5gb-lower", "512MB", "1.5GB", "1TB", "2.5TB", "500", "1234567", "5368709120", "10000000000", "1e3"),
        *("1GiB", "0", "0B", "none", "default", "invalid-word", "unlimited-word", "empty", "fullwidth"),
        *("negative1", "negative5", "back-5GB"),
    )
    steps = tuple(Step(name=f"v2-user-edit-quota-{quota}", quota_is_noted=True) for quota in quotas)
    first = tuple(Step(name=f"v1-user-edit-quota-{quota}", quota_is_noted=True) for quota in ("5GB", "invalid-word"))
    fields = of(
        "v2",
        *("user-edit-displayname-empty", "user-edit-display", "user-edit-displayname", "user-edit-json"),
        *("user-edit-email", "user-edit-email-empty", "user-edit-email-invalid", "user-edit-email-restore"),
        *("user-edit-phone", "user-edit-phone-no-region", "user-edit-address", "user-edit-website"),
        *("user-edit-organisation", "user-edit-role", "user-edit-language", "user-edit-language-invalid"),
        *("user-edit-locale", "user-edit-timezone", "user-edit-manager", "user-edit-notify_email"),
        *("user-edit-enabled-key", "user-edit-groups-key", "user-edit-unknown-key", "user-edit-missing-user"),
        *("user-edit-missing-value", "user-edit-password-empty", "user-edit-password-weak"),
        *("user-edit-password-username", "user-edit-password"),
    )
    return (*first, later, *steps, later, *fields)


def closing(version: str) -> Sequence:
    """An account is disabled: listed, read, refused at both doors, and enabled again."""
    return of(
        version,
        *("user-disable", "user-disable-again", "user-disabled-get", "users-disabled-list", "user-disabled-ocs"),
        *("user-disabled-webdav", "user-enable", "user-disable-missing", "user-disable-self", "user-delete-self"),
        *("welcome-missing-user", "welcome-no-email"),
    )


def lesser(version: str) -> Sequence:
    """A plain account and a sub admin ask for what is not theirs."""
    return of(
        version,
        *("as-user-get-self", "as-user-get-other", "as-user-users-list", "as-user-create"),
        *("subadmin-add", "subadmin-add-again", "subadmin-add-missing-group", "subadmin-add-missing-user"),
        *("subadmin-add-admin-group", "subadmin-list", "group-subadmins"),
        *("as-subadmin-users-list", "as-subadmin-create-group", "as-subadmin-create-nogroup"),
        *("as-subadmin-create-othergroup", "as-subadmin-create", "subadmin-remove", "subadmin-remove-again"),
    )


def talk(version: str) -> Sequence:
    """Formats, languages, and calls that are wrong in themselves."""
    wrong = tuple(Step(name=f"{version}-auth-{who}", is_wrong=True) for who in ("unknown-user", "wrong-password"))
    return (
        *of(version, "accept-json", "format-wins-over-accept", "xml-default", "ocs-header-wrong-value"),
        *of(version, "auth-none", "no-ocs-header", "no-ocs-header-post"),
        *wrong,
        *of(version, "unknown-route", "unknown-method", "get-with-trailing-slash"),
        *of(version, "message-language-ja", "message-language-ja-weak"),
    )


def ending(version: str) -> Sequence:
    """Accounts and groups are removed, and made again."""
    return (
        *of(version, "user-delete", "user-delete-again", "user-create-after-delete"),
        *of(version, "group-delete-encoded-slash", "group-delete", "group-delete-missing", "group-delete-admin"),
        *of(version, "group-update-displayname", "group-update-missing"),
        *of(version, "group-delete-nonempty", "group-recreate", "user-group-after-recreate"),
        *(("v2-get-case-insensitive",) if version == "v2" else ()),
        *of(version, "user-group-add-back"),
        *of(version, "user-group-remove-query"),
    )


WALK: Sequence = (
    *groups("v1"), *accounts("v1"), *groups("v2"), *accounts("v2"),
    "v2-user-id-urlencoded", *edits(), "v2-user-editable-fields",
    *closing("v1"), "v1-welcome", *closing("v2"), "v2-welcome (2)",
    *lesser("v1"), *lesser("v2"),
    *talk("v1"), *talk("v2"), "v2-untrusted-domain",
    *ending("v1"), *ending("v2"),
    "v1-accept-language-ja", "v2-accept-language-ja",
    fifty_edits, "v2-user-edit-ratelimit", "v2-user-edit-ratelimit-other-user", "v1-user-edit-ratelimit",
    "v2-user-create-not-ratelimited", "v2-user-disable-not-ratelimited",
)  # fmt: skip
