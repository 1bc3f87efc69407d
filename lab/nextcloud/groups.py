"""What can be asked of groups? Make, list, rename, delete, their members, and the groups of an account."""

from typing import Any

from lab.nextcloud.accounts import described
from lab.nextcloud.answers import OcsError
from lab.nextcloud.messages import say
from lab.nextcloud.routes import Call, Routes
from lab.nextcloud.state import Account

NOT_ALLOWED = "Logged in account must be an admin, a sub admin or gotten special right to access this setting"
routes = Routes()


@routes.add("POST", "/cloud/groups", "user")
def create(call: Call) -> list[Any]:
    if not call.is_admin:
        raise OcsError(403, say(NOT_ALLOWED, call.language))
    group, name = call.text("groupid"), call.text("displayname", "")
    if group == "":
        raise OcsError(101, "Invalid group name")
    if group in call.state.groups:
        raise OcsError(102, "group exists")
    call.state.groups[group] = name or group
    call.state.save()
    return []


@routes.add("GET", "/cloud/groups", "user")
def listed(call: Call) -> dict[str, list[str]]:
    return {"groups": found(call)}


@routes.add("GET", "/cloud/groups/details", "user")
def details(call: Call) -> dict[str, list[Any]]:
    """Each group with how many accounts it has, and how many of them are disabled."""
    accounts = call.state.accounts.values()
    return {
        "groups": [
            {
                "id": group,
                "displayname": call.state.groups[group],
                "usercount": sum(group in account.groups for account in accounts),
                "disabled": sum(group in account.groups and not account.enabled for account in accounts),
                "canAdd": True,
                "canRemove": True,
            }
            for group in found(call)
        ]
    }


def found(call: Call) -> list[str]:
    search = call.text("search", "").lower()
    names = sorted(group for group, name in call.state.groups.items() if search in f"{group}\n{name}".lower())
    limit, offset = call.whole("limit", None), call.whole("offset", 0) or 0
    names = names[offset:]
    return names if limit is None or limit < 0 else names[:limit]


@routes.add("GET", "/cloud/groups/{group}/users", "sub")
def members(call: Call, group: str) -> dict[str, list[str]]:
    refuse_missing(call, group)
    return {"users": call.state.members(group)}


@routes.add("GET", "/cloud/groups/{group}/users/details", "sub")
def members_details(call: Call, group: str) -> dict[str, Any]:
    refuse_missing(call, group)
    accounts = [call.state.accounts[name.lower()] for name in call.state.members(group)]
    limit, offset = call.whole("limit", None), call.whole("offset", 0) or 0
    accounts = accounts[offset:] if limit is None or limit < 0 else accounts[offset : offset + limit]
    return {"users": {account.id: described(call, account) for account in accounts} or []}


@routes.add("GET", "/cloud/groups/{group}/subadmins", "admin")
def sub_admins(call: Call, group: str) -> list[str]:
    if group not in call.state.groups:
        raise OcsError(101, "Group does not exist")
    return sorted(account.id for account in call.state.accounts.values() if group in account.admin_of)


@routes.add("GET", "/cloud/groups/{any}", "sub")
def members_as_before(call: Call, group: str) -> dict[str, list[str]]:
    refuse_missing(call, group)
    return {"users": call.state.members(group)}


@routes.add("PUT", "/cloud/groups/{any}", "admin")
def rename(call: Call, group: str) -> list[Any]:
    key, value = call.text("key"), call.text("value")
    if group not in call.state.groups:
        raise OcsError(998, "Group does not exist")
    if key != "displayname":
        raise OcsError(101)
    call.state.groups[group] = value
    call.state.save()
    return []


@routes.add("DELETE", "/cloud/groups/{any}", "admin")
def delete(call: Call, group: str) -> list[Any]:
    """Delete a group; its members stay as accounts, and rules that name it stay too."""
    if group not in call.state.groups:
        raise OcsError(101)
    if group == "admin":
        raise OcsError(102)
    del call.state.groups[group]
    for account in call.state.accounts.values():
        account.groups = [one for one in account.groups if one != group]
        account.admin_of = [one for one in account.admin_of if one != group]
    call.state.save()
    return []


@routes.add("GET", "/cloud/users/{user}/groups", "user")
def of_account(call: Call, name: str) -> dict[str, list[str]]:
    account = call.state.account(name)
    if account is None or (account is not call.me and not call.is_admin):
        raise OcsError(998)
    return {"groups": sorted(account.groups)}


@routes.add("POST", "/cloud/users/{user}/groups", "sub")
def enter(call: Call, name: str) -> list[Any]:
    account, group = member(call, name)
    if group not in account.groups:
        account.groups.append(group)
    call.state.save()
    return []


@routes.add("DELETE", "/cloud/users/{user}/groups", "sub")
def leave(call: Call, name: str) -> list[Any]:
    account, group = member(call, name)
    account.groups = [one for one in account.groups if one != group]
    call.state.save()
    return []


def member(call: Call, name: str) -> tuple[Account, str]:
    """Whom and which group the call is about: 101 names none, 102 is no group, 103 no account, 105 not himself."""
    group, account = call.text("groupid", ""), call.state.account(name)
    if group == "":
        raise OcsError(101)
    if group not in call.state.groups:
        raise OcsError(102)
    if account is None:
        raise OcsError(103)
    if account is call.me and group == "admin" and call.request.method == "DELETE":
        raise OcsError(105, "Cannot remove yourself from the admin group")
    return account, group


@routes.add("GET", "/cloud/users/{user}/subadmins", "admin")
def administered(call: Call, name: str) -> list[str]:
    account = call.state.account(name)
    if account is None:
        raise OcsError(404, "User does not exist")
    return sorted(account.admin_of)


@routes.add("POST", "/cloud/users/{user}/subadmins", "admin")
def appoint(call: Call, name: str) -> list[Any]:
    account, group = administration(call, name)
    if group == "admin":
        raise OcsError(103, "Cannot create sub-admins for admin group")
    if group not in account.admin_of:
        account.admin_of.append(group)
    call.state.save()
    return []


@routes.add("DELETE", "/cloud/users/{user}/subadmins", "admin")
def dismiss(call: Call, name: str) -> list[Any]:
    account, group = administration(call, name)
    if group not in account.admin_of:
        raise OcsError(102, "User is not a sub-admin of this group")
    account.admin_of.remove(group)
    call.state.save()
    return []


def administration(call: Call, name: str) -> tuple[Account, str]:
    group, account = call.text("groupid"), call.state.account(name)
    if account is None:
        raise OcsError(101, "User does not exist")
    if group not in call.state.groups:
        raise OcsError(102, "Group does not exist")
    return account, group


def refuse_missing(call: Call, group: str) -> None:
    if group not in call.state.groups:
        raise OcsError(404, "The requested group could not be found")
