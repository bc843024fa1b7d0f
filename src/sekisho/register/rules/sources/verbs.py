"""What was done and how it ended, from the words of other systems: few words of our own, the original kept beside."""

from enum import StrEnum

from sekisho.kernel.search import fold
from sekisho.register.rules import EventOutcome


class Verb(StrEnum):
    """What somebody did in another system."""

    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    READ = "read"
    SEARCH = "search"
    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"
    PRINT = "print"
    EXPORT = "export"
    OTHER = "other"


# The first that is found counts: "CSV出力" is an export and no print, "ログアウト" no sign-in.
_WORDS = (
    (Verb.SIGN_OUT, ("ログアウト", "ログオフ", "サインアウト", "logout", "logoff", "sign out")),
    (Verb.SIGN_IN, ("ログイン", "ログオン", "サインイン", "login", "logon", "sign in")),
    (Verb.EXPORT, ("エクスポート", "csv出力", "ファイル出力", "抽出", "持出", "export", "download", "ダウンロード")),
    (Verb.PRINT, ("印刷", "出力", "プリント", "print")),
    (Verb.DELETE, ("削除", "取消", "delete", "remove")),
    (Verb.CREATE, ("登録", "新規", "作成", "追加", "create", "insert")),
    (Verb.CHANGE, ("更新", "変更", "修正", "編集", "保存", "update", "change", "edit")),
    (Verb.SEARCH, ("検索", "照会", "一覧", "search", "query")),
    (Verb.READ, ("参照", "閲覧", "表示", "開く", "開いた", "read", "view", "open")),
)
_FOLDED = tuple((verb, tuple(fold(word) for word in words)) for verb, words in _WORDS)
_DENIED = frozenset(map(fold, ("拒否", "権限なし", "権限エラー", "禁止", "denied", "refused", "forbidden")))
_FAILED = frozenset(map(fold, ("失敗", "エラー", "異常", "不可", "NG", "×", "error", "failure", "failed", "fail")))
_DONE = frozenset(map(fold, ("", "成功", "正常", "正常終了", "完了", "可", "OK", "○", "success", "succeeded", "done")))


def verb_of(words: str) -> Verb:
    """Return what ``words`` mean; OTHER where no known word is in them."""
    folded = fold(words)
    return next((verb for verb, known in _FOLDED if any(word in folded for word in known)), Verb.OTHER)


def outcome_of(words: str, success: frozenset[str], failure: frozenset[str]) -> EventOutcome | None:
    """Return how it ended; None for words that nobody has explained.

    ``success`` and ``failure`` hold the source's own words, folded; they come before the known ones.
    """
    folded = fold(words)
    if folded in success:
        return EventOutcome.SUCCESS
    if folded in failure or folded in _FAILED:
        return EventOutcome.FAILURE
    if folded in _DENIED:
        return EventOutcome.DENIED
    return EventOutcome.SUCCESS if folded in _DONE else None
