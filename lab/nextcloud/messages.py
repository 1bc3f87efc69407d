"""What does the server say in another language? Only what was recorded; every other message stays English."""

JAPANESE = {
    "User already exists": "ユーザは既に存在する",
    "Password is among the 1,000,000 most common ones. Please make it unique.": (
        "パスワードは最も一般的なパスワード1,000,000個の中に入っています。もっと違うものにしてください。"
    ),
    "Password needs to be at least 10 characters long.": "パスワードは少なくとも10文字以上の長さである必要があります。",
    "No group specified (required for sub-admins)": "グループが指定されていません\uff08サブ管理者に必要です\uff09",
    "Insufficient privileges for group %s": "グループ %s の権限が不十分です",
    "Logged in account must be an admin, a sub admin or gotten special right to access this setting": (
        "この設定にアクセスするには、ログインしたアカウントが管理者、サブ管理者、または特別な権利を持っている必要があります。"
    ),
}


def say(text: str, language: str, *values: str) -> str:
    """The message in the caller's language where it was recorded so."""
    said = JAPANESE.get(text, text) if language == "ja" else text
    return said % values if values else said
