"""Reading what other systems write: times, encodings, records, words. Pure."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel.dates import FACILITY_ZONE, Calendar, format_date
from sekisho.register.rules import EventOutcome
from sekisho.register.rules.sources.encodings import Encoding, decide_encoding
from sekisho.register.rules.sources.entries import raw_bytes, raw_details
from sekisho.register.rules.sources.errors import LogLineBroken, LogNotText
from sekisho.register.rules.sources.moments import read_moment
from sekisho.register.rules.sources.records import records
from sekisho.register.rules.sources.verbs import Verb, outcome_of, verb_of

AT_NINE = datetime(2026, 11, 21, 9, 5, tzinfo=FACILITY_ZONE)


@pytest.mark.parametrize(
    "text",
    [
        "2026/11/21 9:05",
        "2026-11-21T09:05:00",
        "2026-11-21T00:05:00Z",
        "2026-11-20T19:05:00-05:00",
        "２０２６／１１／２１　９：０５：００",
        "R8.11.21 09:05",
        "令和8年11月21日 午前9時5分",
        "令和8年11月21日9時05分00秒",
        "2026年11月21日(土) 9:05:00.000",
        "20261121090500",
        "20261121 09:05",
        "2026.11.21 9:05 AM",
    ],
)
def test_the_same_moment_in_many_forms(text: str) -> None:
    assert read_moment(text) == AT_NINE


def test_noon_and_midnight() -> None:
    assert read_moment("2026/11/21 午前0時") == read_moment("2026/11/21 12:00 AM") == read_moment("2026/11/21 0:00")
    assert read_moment("2026/11/21 午後0時30分") == read_moment("2026/11/21 12:30")


@pytest.mark.parametrize(
    "text",
    ["", "きのう", "2026/11/21", "9:05", "2026/02/30 9:05", "2026/11/21 25:00", "R0.1.1 9:00", "2026/11/21 午後13時",
     "=1+1"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # the text itself is its message
        read_moment(text)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader_of_moments(text: str) -> None:
    try:
        assert read_moment(text).tzinfo is UTC
    except ValueError:
        return


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.sampled_from(Calendar))  # noqa: DTZ001
def test_every_moment_is_read_back(moment: datetime, calendar: Calendar) -> None:
    local = moment.replace(tzinfo=FACILITY_ZONE)
    text = f"{format_date(local.date(), calendar)} {local:%H:%M:%S.%f}"
    assert read_moment(text) - local == timedelta(0)


@given(st.lists(st.text(alphabet="髙﨑あA,1 ", min_size=1).map(str.strip).filter(bool)), st.sampled_from(Encoding))
def test_records_keep_every_byte(lines: list[str], encoding: Encoding) -> None:
    raw = [line.encode(encoding.value) for line in lines]
    assert [one.raw for one in records(line + b"\r\n" for line in raw)] == raw


def test_a_quoted_field_may_hold_line_ends() -> None:
    found = list(records(iter([b'a,"b\r\n', b'c"\r\n', b"\r\n", b"d"])))
    assert [(one.line, one.raw) for one in found] == [(1, b'a,"b\r\nc"'), (4, b"d")]


def test_what_has_no_end_is_refused() -> None:
    with pytest.raises(LogLineBroken):
        list(records(iter([b'a,"b\r\n', b"c\r\n"])))
    with pytest.raises(LogLineBroken):
        list(records(iter([b'"'] + [b"x" * 1000] * 1000)))


@given(st.binary(), st.integers(1, 7))
def test_an_encoding_is_decided_alike_whatever_the_pieces(data: bytes, size: int) -> None:
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    decided = []
    for way in ([data], pieces):
        try:
            decided.append(decide_encoding(way))
            assert b"\0" not in data
            data.decode(decided[-1].value)
        except LogNotText:
            decided.append(None)
    assert decided[0] == decided[1]


@given(st.binary())
def test_what_was_received_comes_back(data: bytes) -> None:
    details = {name: str(value) for name, value in raw_details(data, "cp932").items()}
    assert raw_bytes(details) == data


@pytest.mark.parametrize(
    ("words", "verb"),
    [
        ("ﾛｸﾞｲﾝ", Verb.SIGN_IN),
        ("ログアウト", Verb.SIGN_OUT),
        ("カルテ参照", Verb.READ),
        ("CSV出力", Verb.EXPORT),
        ("処方箋印刷", Verb.PRINT),
        ("患者検索", Verb.SEARCH),
        ("何か", Verb.OTHER),
    ],
)
def test_words_for_what_was_done(words: str, verb: Verb) -> None:
    assert verb_of(words) is verb


def test_words_for_how_it_ended() -> None:
    own = frozenset({"9"})
    found = [outcome_of(words, frozenset(), own) for words in ("ＯＫ", "失敗", "拒否", "9", "たぶん")]
    assert found == [EventOutcome.SUCCESS, EventOutcome.FAILURE, EventOutcome.DENIED, EventOutcome.FAILURE, None]
