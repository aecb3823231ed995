import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ser_core.inputs.alignment import align
from ser_core.inputs.transcript import Word


def spoken(text: str, start: float = 0.5, seconds: float = 0.4) -> list[Word]:
    """Words one after the other, each as long, without a pause."""
    return [
        Word(word, start + i * seconds, start + (i + 1) * seconds, 0.9)
        for i, word in enumerate(text.split())
    ]


def times(words: tuple[Word, ...]) -> list[tuple[str, float, float]]:
    return [(w.text, round(w.start, 3), round(w.end, 3)) for w in words]


def test_the_same_words_have_the_same_times_and_their_own_letters() -> None:
    heard = spoken("I got the job")
    found = align("I got THE job!", heard, 3.0)
    assert [w.text for w in found] == ["I", "got", "THE", "job!"]
    assert [(w.start, w.end, w.probability) for w in found] == [
        (w.start, w.end, w.probability) for w in heard
    ]


def test_other_words_have_the_time_of_what_was_heard_in_their_place() -> None:
    found = align(
        "The phone rang at twenty past six today", spoken("The phone rang at 6:20 today"), 4
    )
    assert times(found)[3] == ("at", 1.7, 2.1)
    between = found[4:7]
    assert [w.text for w in between] == ["twenty", "past", "six"]
    assert between[0].start == pytest.approx(2.1)
    assert between[-1].end == pytest.approx(2.5)
    assert between[0].end - between[0].start > between[1].end - between[1].start  # by length
    assert [w.probability for w in between] == [0.0] * 3
    assert times(found)[7] == ("today", 2.5, 2.9)


def test_words_that_were_not_heard_stand_in_the_pause_or_take_time_from_their_neighbours() -> None:
    heard = spoken("I will") + spoken("tell you tomorrow", start=2.0)
    assert times(align("I will gladly tell you tomorrow", heard, 4))[2] == ("gladly", 1.3, 2.0)
    found = times(align("I will tell to you tomorrow", heard, 4))
    assert found[2:5] == [("tell", 2.0, 2.356), ("to", 2.356, 2.533), ("you", 2.533, 2.8)]
    assert times(align("Well I will tell you tomorrow", heard, 4))[0] == ("Well", 0.0, 0.5)
    assert times(align("I will tell you tomorrow then", heard, 4))[-1] == ("then", 3.2, 4.0)


def test_words_too_many_leave_no_gap_in_the_order() -> None:
    found = align("I will tell you", spoken("I really do think that I will tell you"), 6)
    assert [w.start for w in found] == pytest.approx([2.5, 2.9, 3.3, 3.7])


@pytest.mark.parametrize(
    ("text", "heard"),
    [("", "I got the job"), (" \n", ""), ("Leave me alone", "I got the job"), ("Hello there", "")],
)
def test_nothing_where_something_else_was_heard(text: str, heard: str) -> None:
    assert align(text, spoken(heard), 3.0) == ()


words = st.lists(st.sampled_from(["a", "bee", "sea", "Dee!", "e", "…"]), max_size=12)


@settings(deadline=None)
@given(words, words, st.lists(st.floats(-1, 9), min_size=24, max_size=24), st.floats(0.1, 8))
def test_any_words_and_times(
    typed: list[str], said: list[str], marks: list[float], duration_s: float
) -> None:
    # Also times that go back, or beyond the clip.
    heard = [Word(w, marks[2 * i], marks[2 * i + 1], 0.5) for i, w in enumerate(said)]
    found = align(" ".join(typed), heard, duration_s)
    if not found:
        return
    assert [w.text for w in found] == typed
    edges = [edge for w in found for edge in (w.start, w.end)]
    assert edges == sorted(edges)
    assert edges[0] >= 0.0
    assert edges[-1] <= duration_s


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcdefgh"), min_size=4, unique=True), st.data())
def test_the_word_that_was_corrected_keeps_its_place(said: list[str], data: st.DataObject) -> None:
    heard = spoken(" ".join(said))
    i = data.draw(st.integers(0, len(said) - 1))
    typed = [*said[:i], "corrected", *said[i + 1 :]]
    found = align(" ".join(typed), heard, 10.0)
    assert (found[i].start, found[i].end) == pytest.approx((heard[i].start, heard[i].end))
