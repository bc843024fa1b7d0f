"""Where rules come from, as people read it in their own language.

A remark holds its source as it stands in the profiles, in English; so it is hashed and carried. What is nothing but the
name of a document (RFC 5746, CRYPTREC LS-0003-2022r1) is the same in every language.
"""

from sekisho.kernel.text import Text, _

SOURCES: tuple[Text, ...] = (
    _("CRYPTREC LS-0001-2022R1 (2023-03-30, updated 2024-05-16)"),
    _("CRYPTREC LS-0001-2022R1 (named by MHLW guideline 7.0 draft, 13 item 4 and 13.1.2)"),
    _("CRYPTREC LS-0001-2022R1, MAC and hash read together"),
    _("IHE ITI TF-1 section 7 (Consistent Time)"),
    _("IPA 3.0.1, 高セキュリティ型, 256-bit suites before 128-bit ones"),
    _("IPA 3.0.1, 高セキュリティ型, suites of TLS 1.3 in order of priority"),
    _("IPA 3.1.0, 高セキュリティ型, curves of 128-bit security and more (P-256, Curve25519 and the like)"),
    _("IPA, 高セキュリティ型, DHE of 2048 bits and more"),
    _("IPA, 高セキュリティ型, RSA of 2048 bits, ECDSA of 256 bits and more; EdDSA by CRYPTREC LS-0001-2022R1"),
    _("IPA, 高セキュリティ型, certificates signed with SHA-256 or better; SHA-1 forbidden"),
    _("IPA, 高セキュリティ型, order of suites decided by the server"),
    _(
        "IPA, 高セキュリティ型, protocol versions: TLS 1.3 required (press release of 2020-07-07), "
        "else 1.2 or later (MHLW Q&A to 6.0)"
    ),
    _("IPA, 高セキュリティ型, suites of TLS 1.2; the rule from which this list was made"),
    _("MHLW guideline 7.0 (draft), System Operation, 13 item 10"),
    _("MHLW guideline 7.0 (draft), System Operation, 13 item 13 (1)"),
    _("MHLW guideline 7.0 (draft), System Operation, 13 item 13 (2)"),
    _("MHLW guideline 7.0 (draft), System Operation, 13 item 13 (3) and 13.4"),
    _("MHLW guideline 7.0 (draft), System Operation, 13 item 5"),
    _("MHLW guideline 7.0 (draft), System Operation, 13 item 5 and 13.1.2"),
    _("MHLW guideline 7.0 (draft), System Operation, 13 item 5 and 14 item 6 (1)"),
    _("MHLW guideline 7.0 (draft), System Operation, 13 item 7"),
    _("MHLW guideline 7.0 (draft), System Operation, 13 item 7 and 13.1.2"),
    _("MHLW guideline 7.0 (draft), System Operation, 13 item 7 and 13.3.1"),
    _("MHLW guideline 7.0 (draft), System Operation, 13 item 7, second paragraph"),
    _("MHLW guideline 7.0 (draft), System Operation, 13 items 6 and 7"),
    _("MHLW guideline 7.0 (draft), System Operation, 13.1.1"),
    _("MHLW guideline 7.0 (draft), System Operation, 13.1.2"),
    _("MHLW guideline 7.0 (draft), System Operation, table 13-1"),
    _("MHLW guideline 7.0 (draft), system operation, 13.3.1 and its footnote 10"),
    _("MHLW guideline 7.0 (draft), system operation, 13⑥"),
    _("MHLW guideline 7.0 (draft), system operation, 13⑥ and 13⑫"),
    _("MHLW guideline 7.0 (draft), system operation, 13⑥ and table 13-1"),
    _("MHLW v7.0 (draft), System Operation, 13⑤"),
    _("MHLW v7.0 (draft), System Operation, 13⑤ (no strange devices) and 8⑥(3)"),
    _("MHLW v7.0 (draft), System Operation, 13⑤ and 13.1.2"),
    _("MHLW v7.0 (draft), System Operation, 13⑤ and 8.1 (unused services and ports)"),
    _("MHLW v7.0 (draft), System Operation, 13⑥ and 13.3.1"),
    _("MHLW v7.0 (draft), System Operation, 17③"),
    _("MHLW v7.0 (draft), System Operation, 17③; figure: IHE ITI TF-1 section 7 (Consistent Time)"),
    _("MHLW v7.0 (draft), System Operation, 17③; figure: Sekisho"),
    _("MHLW v7.0 (draft), System Operation, 8.1 (unused services and ports)"),
    _("MHLW v7.0 (draft), System Operation, 8.1 and 13⑤"),
    _("MHLW v7.0 (draft), System Operation, table 10-1"),
    _("MHLW v7.0 (draft), System Operation, table 10-1 and 13.3"),
    _("RFC 5280, 6.1; MHLW guideline 7.0 (draft), system operation, 13⑩"),
    _("RFC 5746; RFC 9325, 3.5; IPA, 高セキュリティ型"),
    _("RFC 9325, 3.3; IPA, 高セキュリティ型"),
    _("Sekisho, a file that could not be read whole"),
    _("Sekisho, after MHLW guideline 7.0 (draft), System Operation, 13 item 5 and 13.1.1"),
    _(
        "Sekisho, groups as strong as those of IPA 3.1.0, 高セキュリティ型 "
        "(RFC 7919, RFC 8734, draft-ietf-tls-ecdhe-mlkem)"
    ),
    _("Sekisho, the registered line must be found in its device"),
    _("Sekisho; renewal is ordered three months before the end"),
)


def source_words(source: str) -> Text:
    """Return a source in the reader's language; what is not among ours stays as it is."""
    return Text(source)
