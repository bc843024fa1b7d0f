"""Why something cannot be checked at all: Japanese and English."""

TEXTS: dict[str, tuple[str, str]] = {
    # What cannot be checked at all
    "log.none": (
        "チェックポイントがありません。記録簿ではないか、途中で切れています。",
        "There is no checkpoint: not a register, or cut off.",
    ),
    "program.fault": (
        "プログラムの不具合のため、確認できませんでした：{reason}",
        "A fault of this program kept it from checking: {reason}",
    ),
    "source.missing": ("見つかりません：{path}", "Not found: {path}"),
    "source.unreadable": ("読めません：{path}（{reason}）", "Cannot be read: {path} ({reason})"),
    "source.long": ("大きすぎるファイルです：{path}", "Too long a file: {path}"),
    "zip.unreadable": (
        "zipファイルとして読めません（途中で切れている可能性があります）：{path}（{reason}）",
        "Not a readable zip file, perhaps cut off: {path} ({reason})",
    ),
    "zip.members": ("zipファイルの中身が多すぎます：{path}", "The zip file lists too many members: {path}"),
    "zip.path": ("zipファイルに、外へ出る名前があります：{path}", "A name in the zip file leaves its folder: {path}"),
    "zip.twice": ("zipファイルに、同じ名前が2回あります：{path}", "A name is twice in the zip file: {path}"),
    "zip.method": (
        "暗号化または未対応の圧縮です：{path}",
        "Encrypted, or compressed in a way that is not supported: {path}",
    ),
    "zip.damaged": ("zipファイルの中身が壊れています：{path}", "A damaged member of the zip file: {path}"),
    "url.form": (
        "使えないアドレスです（https://… を指定してください）：{path}",
        "Not a usable address (https://… is needed): {path}",
    ),
    "url.status": ("サーバーが読めない応答を返しました：{path}（{status}）", "The server answered {status}: {path}"),
    "url.closed": ("サーバーが許可しません：{path}（{status}）", "The server does not allow it: {path} ({status})"),
    "note.form": ("署名付きノートの形式ではありません：{path}", "Not a signed note: {path}"),
    "note.long": ("署名付きノートが大きすぎます：{path}", "Too long a signed note: {path}"),
    "checkpoint.form": ("チェックポイントの形式ではありません：{path}", "Not a checkpoint: {path}"),
    "checkpoint.size": ("ありえない件数のチェックポイントです：{path}", "A checkpoint of an impossible size: {path}"),
    "key.form": (
        "検証鍵の形式（名前+ID+base64）ではありません。",
        "Not a verifier key (name+id+base64).",
    ),
    "key.id": (
        "検証鍵のIDが、名前と鍵に合いません。写し間違いを確かめてください。",
        "The verifier key's id does not fit its name and key: a slip in copying?",
    ),
    "key.kind": (
        "この種類の鍵には対応していません（記録簿は種類1、立会人は種類4）。",
        "A kind of key that is not supported here (registers: 1, witnesses: 4).",
    ),
    "key.none": (
        "検証鍵がありません。--keyか、ポリシーのlog行で指定してください。",
        "No verifier key: give --key, or a policy with a log line.",
    ),
    "policy.form": ("ポリシーの形式が正しくありません：{path}", "Not a valid policy: {path}"),
    "policy.quorum": (
        "ポリシーにquorum行がちょうど1行必要です：{path}",
        "A policy needs exactly one quorum line: {path}",
    ),
    "policy.name": (
        "ポリシーに、まだ定義されていない名前があります：{path}",
        "The policy names something not defined before: {path}",
    ),
    "policy.twice": (
        "ポリシーで、同じ鍵か名前が2回使われています：{path}",
        "The policy uses a key or name twice: {path}",
    ),
    "policy.log": ("ポリシーにない鍵です：{keys}", "A key that the policy does not list: {keys}"),
    "tsa.roots": ("証明書（PEM）として読めません：{path}", "Not certificates in PEM: {path}"),
    "error": ("確認を始められません", "Nothing could be checked"),
}
