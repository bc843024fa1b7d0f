"""The answer, the names of the parts and facts, and the help: Japanese and English."""

TEXTS: dict[str, tuple[str, str]] = {
    # The answer
    "verdict.intact": ("改ざんは見つかりませんでした", "Intact"),
    "verdict.tampered": ("改ざんされています", "Tampered with"),
    "verdict.cannot_tell": ("確認できません", "Cannot tell"),
    "verdict.intact.why": (
        "記録簿は、署名と、別に保管していたチェックポイントのどちらとも一致します。",
        "The register agrees with its signature and with every head that was kept elsewhere.",
    ),
    "proof.intact": ("証明は正しいものです", "Proven"),
    "proof.intact.why": (
        "下の記録は、検証鍵で署名された記録簿の中にあります。",
        "The entry below is in the register that the verifier key signed.",
    ),
    "verdict.tampered.why": (
        "記録簿の内容が、署名、ハッシュ、または別に保管していたチェックポイントと食い違っています。最初の箇所：",
        "The register contradicts its signature, its hashes or a head that was kept elsewhere. First place:",
    ),
    "verdict.cannot_tell.why": (
        "食い違いは見つかりませんでしたが、次のことが分からないため、改ざんがないとは言えません：",
        "Nothing contradicts anything, but for what follows it cannot be said that nothing was altered:",
    ),
    "state.ok": ("正常", "in order"),
    "state.bad": ("異常", "wrong"),
    "state.unknown": ("確認不能", "cannot tell"),
    "state.not_asked": ("対象外", "not asked"),
    "part.signature": ("署名", "signature"),
    "part.structure": ("ファイルの構成", "files"),
    "part.tree": ("ハッシュ", "hashes"),
    "part.entries": ("記録の形式と連番", "entries"),
    "part.heads": ("別に保管したチェックポイント", "heads kept elsewhere"),
    "part.witnesses": ("立会い（witness）", "witnesses"),
    "part.tokens": ("タイムスタンプ", "time stamps"),
    "part.proof": ("1件の証明", "proof of one entry"),
    "more": ("ほかに同じ種類の指摘が{count}件あります", "{count} more of this kind"),
    # The facts at the end of the report
    "fact.line": ("{name}：{value}", "{name}: {value}"),
    "fact.origin": ("記録簿", "register"),
    "fact.size": ("記録の件数", "entries"),
    "fact.root": ("ルートハッシュ", "root hash"),
    "fact.index": ("記録の番号（0から）", "index of the entry (from 0)"),
    "fact.entries_checked": ("照合した記録", "entries checked"),
    "fact.first_recorded": ("最初の記録日時（UTC）", "first recorded (UTC)"),
    "fact.last_recorded": ("最後の記録日時（UTC）", "last recorded (UTC)"),
    "fact.backwards": ("日時が前に戻った記録", "entries whose time went backwards"),
    "fact.longest_silence": ("記録が途絶えた最長の時間（秒）", "longest silence (seconds)"),
    "fact.silence_before": ("その直後の記録の番号", "index of the entry after it"),
    "fact.heads": ("照合したチェックポイント", "heads compared"),
    "fact.held_size": ("外部で裏付けられた件数", "entries backed from outside"),
    "fact.witnessed_size": ("立会人が裏付けた件数", "entries backed by witnesses"),
    "fact.milliseconds": ("所要時間（ミリ秒）", "time taken (ms)"),
    "fact.entry": ("証明された記録", "the proven entry"),
    # Help
    "help.what": (
        (
            "関所の記録簿（C2SP tlog-tiles）が改ざんされていないかを、"
            "別のコンピューターで確かめます。終了コード：0 改ざんなし、1 改ざんあり、2 確認できない。"
        ),
        (
            "Checks on another machine that a register (C2SP tlog-tiles) was "
            "not tampered with. Exit codes: 0 intact, 1 tampered, 2 cannot tell."
        ),
    ),
    "help.log": (
        "記録簿のフォルダー、zipファイル、またはhttps://のアドレス",
        "the register: a folder, a zip file or an https:// address",
    ),
    "help.key": (
        "検証鍵（名前+ID+base64）またはそのファイル。鍵を替えたときは繰り返します",
        "verifier key (name+id+base64) or a file with it; again for each key the register has had",
    ),
    "help.policy": ("立会人のポリシー（C2SP tlog-policy）", "trust policy with witnesses (C2SP tlog-policy)"),
    "help.head": (
        "別に保管していたチェックポイント（繰り返せます）",
        "a checkpoint that was kept elsewhere (again for more)",
    ),
    "help.token": (
        "チェックポイントのタイムスタンプ（RFC 3161の応答、繰り返せます）",
        "a time stamp over a checkpoint (RFC 3161 response, again for more)",
    ),
    "help.tsa_root": ("時刻認証局のルート証明書（PEM）", "root certificates of time-stamp authorities (PEM)"),
    "help.minimum": (
        "保存期間が過ぎて消した記録の数。この番号より前はなくてもよい",
        "entries before this index were removed when their time was over and need not be there",
    ),
    "help.hashes_only": (
        "記録の形式、連番、重複を確認しません（答えは「確認できない」まで）",
        "leave out form, sequences and doubles of the entries (the answer is at best “cannot tell”)",
    ),
    "help.json": (
        "結果をJSONで表示します（項目は docs/ja/verify.md）",
        "print the result as JSON (fields: docs/ja/verify.md)",
    ),
    "help.lang": ("表示する言葉", "the language of the report"),
    "help.ca": (
        "アドレスのサーバー証明書を発行した認証局（PEM）",
        "authority that the server's certificate is from (PEM)",
    ),
    "help.authorization": (
        "Authorizationヘッダーの値を書いたファイル",
        "file with the value of the Authorization header",
    ),
    "help.prove": ("この番号（0から）の記録の証明を作ります", "make the proof for the entry at this index (from 0)"),
    "help.out": ("証明を書くファイル（.tlog-proof）", "the file for the proof (.tlog-proof)"),
    "help.proof": ("証明ファイル（.tlog-proof）を確かめます", "check a proof (.tlog-proof)"),
    "help.entry": (
        "証明する記録のファイル（証明に入っていないとき）",
        "the entry's own file, where the proof does not hold it",
    ),
    "help.one": ("記録簿か--proofの、どちらか1つを指定してください", "give either a register or --proof"),
    "help.both": ("--proveと--outは一緒に指定してください", "--prove and --out go together"),
}
