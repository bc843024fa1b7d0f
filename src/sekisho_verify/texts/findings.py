"""What a check may find: Japanese and English."""

TEXTS: dict[str, tuple[str, str]] = {
    # Signature
    "signature.false": (
        "「{origin}」のチェックポイントの署名が、鍵と一致しません。",
        "The signature on the checkpoint of {origin} is not by the key that it names.",
    ),
    "signature.none": (
        (
            "「{origin}」のチェックポイントに、指定の鍵（{keys}）の署名がありません。"
            "別の鍵で署名し直されたか、指定した鍵が違います。"
        ),
        (
            "The checkpoint of {origin} is not signed by the given key "
            "({keys}): re-signed with another key, or the wrong key was given."
        ),
    ),
    "signature.other": (
        "別の記録簿「{origin}」のチェックポイントです。指定の鍵（{keys}）の署名はありません。",
        "This is the checkpoint of another register, {origin}; the given key ({keys}) did not sign it.",
    ),
    "signature.origin": (
        "チェックポイントは「{origin}」のものですが、署名した鍵（{keys}）の名前と違います。",
        "The checkpoint is of {origin}, which is not the name of the key that signed it ({keys}).",
    ),
    "key.followed": (
        "鍵の交代をたどりました：{old} → {new}。新しい鍵は、記録 {index} で、前の鍵の署名のもとに届けられています。",
        "The key was changed, and the change leads on: {old} → {new}, named in entry {index} under the old key.",
    ),
    "key.unnoted": (
        "前の鍵 {old} が新しい鍵 {new} を認めていますが、記録 {index} にその届けがありません。",
        "The old key {old} vouches for the new one {new}, but entry {index} does not name it.",
    ),
    "key.unseen": (
        "鍵の交代（{old} → {new}）を届けた記録 {index} を読めません。",
        "Entry {index}, which names the change of the key ({old} → {new}), cannot be read.",
    ),
    "key.broken": (
        "鍵の交代を示すファイルが正しくありません：{path}",
        "The file that shows a change of the key is not right: {path}",
    ),
    # Files
    "listing.none": (
        "アドレスから読むときは、余分なファイルの有無は分かりません。",
        "What else lies at an address cannot be listed.",
    ),
    "file.beside": (
        "記録簿に属さないものがあります（読みません）：{path}",
        "Not part of the register, not read: {path}",
    ),
    "file.foreign": (
        "tileフォルダーに、規格にない名前があります：{path}",
        "A name in the tile folder that the format does not know: {path}",
    ),
    "file.beyond": (
        (
            "チェックポイント（{size}件）より先のファイルがあります：{path}。"
            "書込みの途中で写したか、チェックポイントが古いものに戻されています。"
        ),
        (
            "A file beyond the checkpoint ({size} entries): {path}. "
            "Copied while being written, or the checkpoint was put back."
        ),
    ),
    "file.older": (
        "前に公開されたファイルの内容が、今の内容と食い違っています：{path}",
        "A file published earlier contradicts the present one: {path}",
    ),
    "file.link": ("シンボリックリンクは読みません：{path}", "A symbolic link is not read: {path}"),
    "file.kind": ("通常のファイルではありません：{path}", "Not a plain file: {path}"),
    "file.long": ("規格の上限より大きいファイルです：{path}", "Longer than the format allows: {path}"),
    "tile.missing": (
        "タイルがありません：{path}（記録 {first}〜{last}）",
        "A tile is missing: {path} (entries {first} to {last})",
    ),
    "tile.length": (
        "タイルの長さが違います：{path}（記録 {first}〜{last}）",
        "A tile has a wrong length: {path} (entries {first} to {last})",
    ),
    "bundle.missing": (
        "記録のファイルがありません：{path}（記録 {first}〜{last}）",
        "A bundle of entries is missing: {path} (entries {first} to {last})",
    ),
    "bundle.form": (
        "記録のファイルの区切りが壊れています：{path}",
        "The lengths in a bundle of entries do not fit its bytes: {path}",
    ),
    # Hashes
    "tree.root": (
        (
            "全体（{size}件）のハッシュが、チェックポイントのルートハッシュと一致しません。"
            "書き換えた後に作り直したか、別の記録簿のものです。"
        ),
        (
            "The hashes of all {size} entries do not lead to the root in "
            "the checkpoint: built anew after a change, or of another tree."
        ),
    ),
    "tile.altered": ("ハッシュのタイルが書き換えられています：{path}", "A tile of hashes was altered: {path}"),
    "tile.parent": (
        "タイル{path}が、上のタイル{parent}と一致しません。",
        "Tile {path} does not fit the tile above it, {parent}.",
    ),
    "bundle.count": (
        "記録の数が違います：{path}（あるべき数 {wanted}、実際 {found}）。挿入または削除されています。",
        "{path} holds {found} entries instead of {wanted}: something was inserted or dropped.",
    ),
    "entry.altered": (
        "記録 {index} が書き換えられています（{path}）。",
        "Entry {index} was altered ({path}).",
    ),
    "entry.tile": (
        "記録 {index} が、ハッシュのタイルと一致しません（{path}）。",
        "Entry {index} does not fit its tile of hashes ({path}).",
    ),
    # Entries
    "entries.closed": (
        "記録の中身を読む許可がありません（{path}、{status}）。ハッシュだけを確認しました。",
        "Reading the entries is not allowed ({path}, status {status}); only hashes were checked.",
    ),
    "entries.left_out": (
        "記録の形式、連番、重複は確認していません（--hashes-only）。",
        "Form, sequences and doubles of the entries were left out (--hashes-only).",
    ),
    "entry.json": ("記録 {index} はJSONとして読めません。", "Entry {index} is no valid JSON."),
    "entry.canonical": (
        "記録 {index} は正規形（RFC 8785）ではありません。",
        "Entry {index} is not canonical JSON (RFC 8785).",
    ),
    "entry.fields": ("記録 {index} に、あるべき項目がありません。", "Entry {index} lacks a field."),
    "entry.value": ("記録 {index} の項目の値が正しくありません。", "Entry {index} has a field with a wrong value."),
    "entry.strange": (
        "記録 {index} に、このプログラムの知らない項目があります：{fields}。新しい版で確認してください。",
        "Entry {index} has fields that this program does not know: {fields}. Check with a newer version.",
    ),
    "entry.double": (
        "記録 {index} の識別子が、記録 {earlier} と同じです：{id}",
        "Entry {index} has the id of entry {earlier}: {id}",
    ),
    "source.gap": (
        "記録元「{source}」の連番が飛んでいます：{expected}の次であるべきところが{found}（記録 {index}）",
        "A hole in the sequence of {source}: {found} where {expected} was due (entry {index})",
    ),
    "source.again": (
        "記録元「{source}」の連番が戻っています：{expected}であるべきところが{found}（記録 {index}）",
        "The sequence of {source} went back: {found} where {expected} was due (entry {index})",
    ),
    "time.backwards": (
        "記録 {index} の記録日時 {recorded} が、前の記録 {before} より前です（時計が戻った可能性があります）。",
        (
            "Entry {index} was recorded at {recorded}, before the one "
            "ahead of it at {before} (the clock may have been set back)."
        ),
    ),
    # Heads
    "heads.none": (
        (
            "別に保管したチェックポイントが指定されていません。末尾の切捨てと、"
            "署名鍵を持つ者による書換えは分かりません。--headで指定してください。"
        ),
        (
            "No head kept elsewhere was given: truncation, and rewriting "
            "by whoever holds the key, cannot be seen. Give one with --head."
        ),
    ),
    "head.form": ("チェックポイントとして読めません：{file}", "Not a checkpoint: {file}"),
    "head.other": (
        "別の記録簿（{origin}）のチェックポイントです：{file}",
        "The head of another register ({origin}): {file}",
    ),
    "head.signature": (
        "指定の鍵で正しく署名されていないチェックポイントです：{file}",
        "A head that the given key did not rightly sign: {file}",
    ),
    "head.larger": (
        "末尾が切り捨てられたか、古い状態に戻されています：{file}では{held}件、ここでは{size}件。",
        "Truncated or rolled back: {file} says {held} entries, here are {size}.",
    ),
    "head.differs": (
        "{file}が裏付ける最初の{held}件が、ここにあるものと違います。過去の記録が書き換えられています。",
        "The first {held} entries are not those that {file} stands for: the past was rewritten.",
    ),
    "head.unsure": (
        "タイルが書き換えられているため、{file}（{held}件）とは比べられません。",
        "The tiles were altered, so {file} ({held} entries) cannot be compared with them.",
    ),
    "head.tiles": (
        "{file}と比べるためのタイルが使えません：{path}",
        "A tile needed to compare with {file} cannot be used: {path}",
    ),
    # Witnesses
    "witness.false": (
        "立会人「{name}」の署名が正しくありません。",
        "The cosignature of witness {name} is false.",
    ),
    "witness.cosigned": ("立会人「{name}」が{time}に署名しています。", "Witness {name} cosigned at {time}."),
    "head.cosigned": (
        "別に保管していた{held}件のチェックポイントに、立会人の正しい署名があります：{file}（{witnesses}）",
        "The head of {held} entries that was kept elsewhere is cosigned by witnesses: {file} ({witnesses})",
    ),
    "head.cosignature": (
        "別に保管していたチェックポイントの、立会人{name}の署名が正しくありません：{file}",
        "A head that was kept elsewhere carries a false cosignature of the witness {name}: {file}",
    ),
    "witness.quorum": (
        "立会人の署名が足りません：「{quorum}」を満たしていません（正しい署名 {cosigned}件）。",
        "Not enough witnesses: {quorum} is not reached ({cosigned} right cosignatures).",
    ),
    # Time stamps
    "token.extra": (
        "タイムスタンプを確認するには rfc3161-client が必要です：{file}",
        "Time stamps need rfc3161-client, which is not installed: {file}",
    ),
    "token.roots": (
        "時刻認証局のルート証明書（--tsa-root）がありません：{file}",
        "No root certificate of a time-stamp authority was given (--tsa-root): {file}",
    ),
    "token.form": ("タイムスタンプとして読めません：{file}", "Not a time-stamp response: {file}"),
    "token.none": (
        "どのチェックポイントのタイムスタンプでもないか、正しくありません：{file}（{reason}）",
        "Of none of these checkpoints, or not valid: {file} ({reason})",
    ),
    "token.good": (
        "{size}件のチェックポイントは{time}より前に存在していました（{file}）。",
        "The checkpoint of {size} entries existed before {time} ({file}).",
    ),
    # Proof of one entry
    "proof.form": ("証明ファイル（.tlog-proof）として読めません：{path}", "Not a .tlog-proof file: {path}"),
    "proof.range": (
        "記録 {index} はありません（全{size}件、番号は0から）。",
        "There is no entry {index} (there are {size}, counted from 0).",
    ),
    "proof.unsound": (
        "記録 {index} の証明を作れません。記録簿のハッシュが一致しません。全体を確認してください。",
        "No proof can be made for entry {index}: the hashes do not fit. Check the whole register.",
    ),
    "proof.entry": (
        "証明に記録の中身がありません。--entryで記録のファイルを指定してください。",
        "The proof does not hold the entry; give its file with --entry.",
    ),
    "proof.differs": (
        "この記録は、番号 {index} の記録ではありません。",
        "This is not the entry at index {index}.",
    ),
    "proof.made": ("証明を書きました：{path}", "Proof written: {path}"),
    "proof.exists": ("すでにあるファイルには書きません：{path}", "Not written, the file exists: {path}"),
}
