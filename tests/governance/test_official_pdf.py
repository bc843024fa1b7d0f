"""The official text out of a PDF: the same items as out of plain text, or a clear refusal with nothing stored."""

import hashlib
import io
import json
import re
import unicodedata
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import cache
from pathlib import Path

import noto_cjk_sans_jp_regular
import pytest
import typst
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

from sekisho.governance.commands import guideline as command
from sekisho.governance.errors import (
    PdfTooLong,
    PdfUnreadable,
    TextIsPicture,
    TextNotWhole,
    TextTooLarge,
    TextUnreadable,
)
from sekisho.governance.models import OfficialItem, OfficialText
from sekisho.governance.queries import pdf
from sekisho.governance.queries.editions import CURRENT, edition
from sekisho.governance.queries.official import verbatim
from sekisho.governance.queries.pdf import is_pdf, pdf_text
from sekisho.governance.queries.pdf_reader import read
from sekisho.governance.rules.official import (
    NoGuideline,
    Part,
    compare,
    find_parts,
    page_text,
    without_page_number,
)
from sekisho.governance.services.official import LARGEST, import_official, read_official
from sekisho.kernel.actor import console
from sekisho.kernel.text import Text
from sekisho.register.models import Event
from tests.governance.synthetic import BULLETED, IDS, ITEMS, guideline

FONTS = typst.Fonts(font_paths=[Path(noto_cjk_sans_jp_regular.__file__).parent], include_system_fonts=False)
# What a typesetter makes of lines: wrapped at the page's width, with numbered pages.
LAYOUT = """
#let wide(number, ..) = str(number).replace(regex("[0-9]"), it => str.from-unicode(it.text.to-unicode() + 65248))
#let numbering = if sys.inputs.numbering == "１" { wide } else { sys.inputs.numbering }
#set page(paper: "a4", numbering: numbering, margin: (x: eval(sys.inputs.margin)))
#set text(font: "Noto Sans CJK JP", lang: "ja", size: 10.5pt)
#set par(justify: true)
#for line in json(bytes(sys.inputs.lines)) { text(line); parbreak() }
"""
PICTURE = '#page(image(bytes((200, 30, 30)), format: (encoding: "rgb8", width: 1, height: 1), width: 9cm))\n'
BLANK = "#page(numbering: none)[]\n"
# Words that make trouble where a line ends: marks inside a sentence, a version like a section's number, a hyphen.
TROUBLE = "なお①及び⑳に示すところ、並びに TLS 1.3 以上と IP-VPN 又は SSL-VPN による接続に関する定めに従います。"
LETTERS_OF_A_PAGE = 2200


@cache
def typeset(text: str, *, extra: str = "", numbering: str = "- 1 -", margin: str = "25mm") -> bytes:
    """Return a text as a PDF."""
    lines = json.dumps([line for line in text.splitlines() if line.strip()])
    inputs = {"lines": lines, "numbering": numbering, "margin": margin}
    return typst.compile((LAYOUT + extra).encode(), font_paths=FONTS, sys_inputs=inputs)


def small() -> bytes:
    """Return the synthetic guideline as a PDF."""
    return typeset(guideline())


@cache
def volume() -> str:
    """Return a text as long as the official one: its chapters and marks, and our own explanations for words."""
    found = edition()
    lines = [
        "関所の手引き",
        "目次",
        *(f"{chapter.number}. {chapter.title.ja}.....- 9 -" for chapter in found.head.chapters),
    ]
    for chapter in found.head.chapters:
        rows = [row for row in found.rows if row.id.startswith(f"SO-{chapter.number}-")]
        number = " ".join(str(chapter.number))
        lines += [f"{number}. {chapter.title.ja}", "【遵守事項】"]
        for row in rows:
            words = f"{row.explanation.ja}{TROUBLE}{row.title.ja}。"
            times = 1 + LETTERS_OF_A_PAGE // len(words) if row is rows[0] else 1
            lines.append(f"{_mark(row.printed)} {words * times}")
        lines += [f"{number}. 1 くわしい話", "① この番号は説明の中にあり、項目ではない。" + TROUBLE * 60]
    return "\n".join(lines)


def _mark(printed: str) -> str:
    """Return the mark of a line that is called ⑨(2)a in full."""
    if "・" in printed:
        return " ・"
    last = printed[-1]
    return printed if len(printed) == 1 else f" ({last})" if last.isalpha() else f" {printed[1:]}"


def bulleted() -> set[str]:
    """Return the items of the current edition whose bullets are items."""
    return {leaf.parent or "" for leaf in edition().leaves if leaf.kind == "bullet"}


def squeezed(parts: Sequence[Part]) -> dict[str, str]:
    """Return the items by id without white space."""
    return {part.requirement_id: re.sub(r"\s", "", part.text) for part in parts if part.requirement_id}


def written(folder: Path, data: bytes) -> Path:
    """Write a PDF to a file."""
    path = folder / "手引き.pdf"
    path.write_bytes(data)
    return path


# Whole


@pytest.mark.parametrize(
    ("numbering", "margin"),
    [
        ("- 1 -", "25mm"),
        pytest.param("1", "18mm", marks=pytest.mark.full),
        pytest.param("１", "31mm", marks=pytest.mark.full),
        pytest.param("1", "55mm", marks=pytest.mark.full),
    ],
)
def test_a_whole_volume_is_found_item_by_item_as_in_plain_text(tmp_path: Path, numbering: str, margin: str) -> None:
    """Some sixty pages in a few seconds; wrapped lines and page breaks are only white space."""
    data = typeset(volume(), numbering=numbering, margin=margin)
    reading = read_official(written(tmp_path, data), CURRENT)
    report = reading.report
    assert report.matched == tuple(row.id for row in edition().rows)
    assert (report.missing, report.extra, report.duplicate, report.out_of_order) == ((), (), (), ())
    assert reading.sha256 == hashlib.sha256(data).hexdigest()
    found, wanted = squeezed(reading.parts), squeezed(find_parts(volume(), bulleted()))
    assert found == wanted


def test_every_chapter_of_that_volume_breaks_over_pages() -> None:
    """Or the test above would show little."""
    pages = [re.sub(r"\s", "", page_text(page)) for page, _drawn in read(typeset(volume()))["pages"]]
    assert len(pages) > 55
    items = squeezed(find_parts(volume(), bulleted()))
    for chapter in edition().head.chapters:
        mine = [text for name, text in items.items() if name.startswith(f"SO-{chapter.number}-")]
        assert any(all(text not in page for page in pages) for text in mine), chapter.number


def test_radicals_come_back_as_ideographs() -> None:
    """⽤, ⾒ and ⻑ look like 用, 見 and 長 and are other characters."""
    strange = volume().translate(str.maketrans("用見長", "⽤⾒⻑"))
    assert squeezed(find_parts(strange, bulleted())) != squeezed(find_parts(volume(), bulleted()))
    read = find_parts(pdf_text("x.pdf", typeset(strange)), bulleted(), paged=True)
    assert squeezed(read) == squeezed(find_parts(volume(), bulleted()))


@pytest.mark.django_db
def test_a_whole_pdf_is_stored_and_recorded(tmp_path: Path, synthetic_edition: str) -> None:
    """As a text file is; the command says the same of it."""
    path = written(tmp_path, small())
    options = ["import", str(path), "--edition", synthetic_edition, "--json"]
    facts = json.loads(CliRunner().invoke(command, options, standalone_mode=False).stdout)
    assert (facts["matched"], facts["bullets"], facts["missing"], facts["extra"], facts["duplicate"]) == (
        10,
        2,
        0,
        0,
        0,
    )
    assert facts["sha256"] == OfficialText.objects.get().sha256 == hashlib.sha256(small()).hexdigest()
    assert tuple(verbatim(synthetic_edition)) == IDS
    assert OfficialItem.objects.filter(requirement_id="").get().verbatim.startswith("¹²")


def test_bytes_before_the_pdf_and_a_blank_page_do_no_harm(tmp_path: Path, synthetic_edition: str) -> None:
    """Up to 1024 bytes; further in it is no PDF."""
    assert read_official(written(tmp_path, b"\n" * 1024 + small()), synthetic_edition).report.is_whole
    assert read_official(written(tmp_path, typeset(guideline(), extra=BLANK)), synthetic_edition).report.is_whole
    assert not is_pdf(b"\n" * 1025 + small())
    with pytest.raises(TextUnreadable):
        read_official(written(tmp_path, b"\n" * 1025 + small()), synthetic_edition)


def test_several_are_read_at_once() -> None:
    """Each in a process of its own."""
    with ThreadPoolExecutor(4) as pool:
        texts = set(pool.map(lambda _: pdf_text("x.pdf", small()), range(8)))
    assert len(texts) == 1


# Refused


@pytest.mark.django_db
@pytest.mark.parametrize("gone", ITEMS, ids=lambda item: item.id)
def test_a_pdf_without_one_item_is_refused(tmp_path: Path, synthetic_edition: str, gone: object) -> None:
    """Whole or not at all."""
    data = typeset(guideline([item for item in ITEMS if item is not gone]))
    reading = read_official(written(tmp_path, data), synthetic_edition)
    with pytest.raises(TextNotWhole):
        import_official(actor=console(), reading=reading, edition_id=synthetic_edition)
    assert (OfficialText.objects.count(), OfficialItem.objects.count(), Event.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("twice", ITEMS, ids=lambda item: item.id)
def test_a_pdf_with_one_item_twice_is_not_whole(twice: object) -> None:
    """What goes on with a sentence is told from what stands there again."""
    doubled = [copy for item in ITEMS for copy in ([item, item] if item is twice else [item])]
    report = compare(find_parts(pdf_text("x.pdf", typeset(guideline(doubled))), BULLETED, paged=True), IDS)
    assert report.duplicate or report.extra


def test_pages_that_are_pictures_are_counted() -> None:
    """A page number does not make them a text; the first is named."""
    with pytest.raises(TextIsPicture) as refused:
        pdf_text("x.pdf", typeset(guideline(), extra=PICTURE * 2))
    assert (refused.value.params["pages"], refused.value.params["total"], refused.value.params["first"]) == (2, 3, 2)
    with pytest.raises(TextIsPicture, match="2"):
        pdf_text("x.pdf", typeset("", extra=PICTURE * 2))


@pytest.mark.parametrize("words", [" ", "\\t", "\\240", " \\r\\n "])
def test_space_over_a_picture_is_no_text(words: str) -> None:
    """As a scanner leaves it that found nothing to read; with a word the page counts as text."""
    shown = b"0 0 99 99 re f BT /F 9 Tf 9 99 Td (%b) Tj ET"
    with pytest.raises(TextIsPicture) as refused:
        pdf_text("x.pdf", one_page(shown % words.encode()))
    assert (refused.value.params["pages"], refused.value.params["total"], refused.value.params["first"]) == (1, 1, 1)
    assert "gate" in pdf_text("x.pdf", one_page(shown % b"gate"))


def test_only_letters_make_a_page_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever space the reader finds, on a page that shows something; an empty page shows nothing."""
    for text, drawn, refused in [(" \u3000\t\n\xa0", True, True), (" \n", False, False), ("門", True, False)]:
        monkeypatch.setattr(pdf, "_read", lambda _name, _data, page=(text, drawn): [("門", False), page])
        with pytest.raises(TextIsPicture) if refused else nullcontext():
            pdf_text("x.pdf", b"%PDF-1.7\n%%EOF\n")


@pytest.mark.parametrize("cipher", ["RC4-40", "RC4-128", "AES-128", "AES-256"])
def test_a_password_is_said_so(cipher: str) -> None:
    """A file that only its owner's password protects from changes opens without one."""
    with pytest.raises(PdfUnreadable) as caught:
        pdf_text("x.pdf", encrypted(cipher, "secret"))
    assert caught.value.params["reason"] == Text("it asks for a password")
    assert pdf_text("x.pdf", encrypted(cipher, "")) == pdf_text("x.pdf", small())


def encrypted(cipher: str, password: str) -> bytes:
    """Return the small guideline behind a password."""
    writer = PdfWriter(clone_from=io.BytesIO(small()))
    writer.encrypt(password, owner_password="owner", algorithm=cipher)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("share", [0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999])
def test_a_file_that_was_cut_off_is_refused(share: float) -> None:
    """Also when something put an end to it again: then what is left is no guideline, or not a whole one."""
    half = small()[: int(len(small()) * share)]
    with pytest.raises(PdfUnreadable) as caught:
        pdf_text("x.pdf", half)
    assert caught.value.params["reason"] == Text("it is damaged or cut off")
    try:
        parts = find_parts(pdf_text("x.pdf", half + b"\n%%EOF\n"), BULLETED, paged=True)
    except (PdfUnreadable, TextIsPicture, NoGuideline):
        return
    assert share > 0.9 or not compare(parts, IDS).is_whole


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=3000))
@example(b"")
@example(b"1.7\n1 0 obj\n<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]/Count 1>>\nendobj\ntrailer<</Root 1 0 R>>\n")
def test_garbage_is_refused(garbage: bytes) -> None:
    """Whatever stands behind the first bytes."""
    with pytest.raises((PdfUnreadable, NoGuideline)):
        find_parts(pdf_text("x.pdf", b"%PDF-" + garbage + b"\n%%EOF\n"), BULLETED, paged=True)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=50))
def test_damage_inside_ends_in_items_or_a_refusal(damage: list[tuple[float, int]]) -> None:
    """Never in a crash of ours."""
    data = bytearray(small())
    for place, value in damage:
        data[int(place * len(data))] = value
    try:
        find_parts(pdf_text("x.pdf", bytes(data)), BULLETED, paged=True)
    except (PdfUnreadable, TextIsPicture, NoGuideline):
        return


def test_what_is_far_too_large_is_refused(tmp_path: Path, synthetic_edition: str) -> None:
    """In bytes, in pages, in letters, and in what a small file makes of the memory."""
    path = written(tmp_path, small())
    with path.open("r+b") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(TextTooLarge):
        read_official(path, synthetic_edition)
    writer, buffer = PdfWriter(), io.BytesIO()
    for _ in range(501):
        writer.add_blank_page(width=595, height=842)
    writer.write(buffer)
    with pytest.raises(PdfTooLong):
        pdf_text("x.pdf", buffer.getvalue())
    with pytest.raises(PdfTooLong):
        pdf_text("x.pdf", bomb(2_100_000))
    assert len(bomb(50_000_000)) < 200_000
    with pytest.raises(PdfUnreadable):
        pdf_text("x.pdf", bomb(50_000_000))


def bomb(letters: int) -> bytes:
    """Return a small PDF with one page of that many letters."""
    return one_page(b"BT /F 9 Tf 9 99 Td " + (b"(" + b"a" * 1000 + b") Tj ") * (letters // 1000) + b"ET")


def one_page(drawing: bytes) -> bytes:
    """Return a PDF with one page that is drawn so."""
    content = zlib.compress(drawing, 9)
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (number, text) for number, text in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF\n"


# Page numbers, radicals, broken lines


LINES = st.lists(st.text(alphabet="19２- －ー①²あ\t", max_size=6), max_size=8)


@given(LINES)
@example(["", "- 12 -", "あ", "１２", " "])
@example(["12", "12", "12"])
def test_only_a_page_number_is_ever_dropped(lines: list[str]) -> None:
    """And only as the first or the last line that is not blank."""
    full = [line for line in lines if line.strip()]
    kept = [line for line in without_page_number("\n".join(lines)).split("\n") if line.strip()]
    front = bool(full) and is_page_number(full[0])
    back = len(full) > 1 and is_page_number(full[-1])
    assert kept == full[front : len(full) - back]


def is_page_number(line: str) -> bool:
    """At most three digits of any width, with a dash on both sides or on none."""
    inner = line.strip()
    dashed = len(inner) > 1 and inner[0] in "-－" and inner[-1] in "-－"
    digits = re.sub(r"\s", "", inner[1:-1]) if dashed else inner
    return digits.isdecimal() and len(digits) <= 3


@pytest.mark.parametrize("line", ["2026", "①", "¹²", "- 12", "12 -", "(12)", "第12", "- -", "1.", "1 2 3"])
def test_other_lines_of_signs_stay(line: str) -> None:
    """A year, a mark, a footnote's number, a row of a table."""
    assert page_text(f"{line}\nあ\n{line}") == f"{line}\nあ\n{line}"


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Cn"])).filter(lambda text: text[:1].isalpha()))
@example("①²２Ａ㈱％（－）ｱ½ﬁ")
def test_nothing_but_radicals_is_changed(text: str) -> None:
    """Neither ① nor ² nor what is of full width."""
    inside = f"あ{text}あ"
    same = [(old, new) for old, new in zip(inside, page_text(inside), strict=True) if old != new]
    assert all("\u2e80" <= old <= "\u2fd5" for old, _new in same)


def test_radicals_become_unified_ideographs() -> None:
    """All of them that have one."""
    kangxi = "".join(map(chr, range(0x2F00, 0x2FD6)))
    assert page_text(kangxi) == unicodedata.normalize("NFKC", kangxi)
    assert page_text("⽤⾒⻑⻄⻘⻝⻤⻨⻩⻭⻯⻲⺟⺠⻆") == "用見長西青食鬼麦黄歯竜亀母民角"
    left = page_text("".join(map(chr, range(0x2E80, 0x2EF4))))
    assert [sign for sign in left if "\u2e80" <= sign < "\u3000"] == ["⺀", "\u2e9a"]  # one without, one unassigned


def test_line_ends_hyphens_and_control_characters() -> None:
    """A hyphen at the end of a line comes as a control character that swallows the line's end."""
    assert page_text("a\r\nb\rSSL\x02VPN\ufffe\x00\x07\tc") == "a\nb\nSSL-\nVPN-\n\tc"
    assert page_text("- ① SSL\x02- 36 -") == "- ① SSL-"


PAGED = """1 3. 夜の番
【遵守事項】
① 灯をともすこと。
② 鐘を鳴らすこと。ただし上の
① により灯をともすときは、TLS
1.3 以上により、第
7.0 版の定めに従い、前の
２. のとおりとすること。
(1) 油を切らさないこと。
(2) 次の
(1) と同じとすること。
(a) 鐘
(b) 太鼓と
(a) の鐘"""


def test_a_sentence_goes_on_with_a_line_that_begins_like_an_item() -> None:
    """It follows a line without a full stop, and is not what comes next in print."""
    found = [part.requirement_id for part in find_parts(PAGED, set(), paged=True)]
    assert found == ["SO-13-1", "SO-13-2", "SO-13-2-1", "SO-13-2-2", "SO-13-2-2a", "SO-13-2-2b"]
    plain = [part.requirement_id for part in find_parts(PAGED, set())]
    assert plain[:4] == ["SO-13-1", "SO-13-2", "SO-13-1", "SO-13-1-1"]  # no line like a heading ends it either


@pytest.mark.parametrize(
    "line", ["1. 3 以上", "1.1 以上と、する。", "2.0 版", "1. 1 以上とすること。", "2. のとおりとすること。"]
)
def test_the_end_of_the_last_item_is_not_lost(line: str) -> None:
    """A number that begins a line does not end the list, nor the item with it."""
    text = f"1. 番\n【遵守事項】\n① あ、TLS\n{line}\n終わり。\n1. 1 話\n2. 次"
    (item,) = find_parts(text, set(), paged=True)
    assert item.text == f"① あ、TLS\n{line}\n終わり。"


@pytest.mark.parametrize("heading", ["1. 1 話", "2. 次", "2．次", "1.1話"])
def test_a_heading_after_a_line_without_a_full_stop_ends_the_list(heading: str) -> None:
    """Bullets often have none."""
    (item,) = find_parts(f"1. 番\n【遵守事項】\n① あ\n ・ 鉄砲\n{heading}\n② う。", set(), paged=True)
    assert item.text == "① あ\n ・ 鉄砲"


@pytest.mark.parametrize("line", ["① また。", "② また。", "③ 次。", "1 3. 1 話", "1 4. 次"])
def test_after_a_full_stop_a_line_is_what_it_looks_like(line: str) -> None:
    """So an item that stands there twice is reported, and the list ends where it ends."""
    text = f"1 3. 夜の番\n【遵守事項】\n① あ。\n② い。\n{line}\n⑨ う。"
    assert find_parts(text, set(), paged=True) == find_parts(text, set())


@pytest.mark.parametrize("heading", ["1　3. 夜の番", "１３．夜の番", "13.夜の番", "1 3．　夜の番"])
def test_headings_in_any_width(heading: str) -> None:
    """With or without a gap, which a PDF only hints at."""
    assert squeezed(find_parts(f"{heading}\n【遵守事項】\n① あ", set())) == {"SO-13-1": "①あ"}
