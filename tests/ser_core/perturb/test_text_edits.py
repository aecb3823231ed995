import doctest
import importlib

import pytest

from ser_core.errors import SerError
from ser_core.perturb.degree import intensify, plain, reduce
from ser_core.perturb.english import BASES, PAST, THIRD, inflect
from ser_core.perturb.negation import negate
from ser_core.perturb.sentences import pieces, split_sentences
from ser_core.perturb.words import TEXT_EDITS, list_words, replace_word

TEXTS = [
    "",
    "Oh, well done. What a brilliant idea.",
    "  Blanks, and “quotes!”  And then… more?\nLines",
    "I can't; you can’t – 3 of 4.",
]


@pytest.mark.parametrize("name", ["degree", "english", "negation", "sweep", "words"])
def test_documented_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"ser_core.perturb.{name}"))
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("text", TEXTS)
def test_taking_apart_loses_nothing(text: str) -> None:
    assert "".join(split_sentences(text)) == text
    assert "".join(pieces(text)) == text


# negation


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("I am fine, really.", "I am not fine, really."),
        ("Everything is wonderful.", "Everything isn't wonderful."),
        ("Are you happy?", "Aren't you happy?"),
        ("I'm fine.", "I'm not fine."),
        ("He's a friend.", "He's not a friend."),
        ("I have a dog.", "I don't have a dog."),
        ("I have been crying all day.", "I haven't been crying all day."),
        ("I really miss her so much.", "I really don't miss her so much."),
        ("She went home.", "She didn't go home."),
        ("My dog loves me.", "My dog doesn't love me."),
        ("The phone rang at six.", "The phone didn't ring at six."),
        ("They cried, and I stopped.", "They didn't cry, and I stopped."),
        ("Get out of my house!", "Don't get out of my house!"),
        ("Let's go.", "Let's not go."),
        ("I think you are great.", "I don't think you are great."),
        ("You will see, it can wait.", "You won't see, it can wait."),
        ("Did you see that?", "Didn't you see that?"),
        ("We might win.", "We might not win."),
    ],
)
def test_negation_and_back(text: str, denied: str) -> None:
    assert negate(text) == denied
    assert negate(denied) == text


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("I cannot believe it.", "I can believe it."),
        ("It is not over.", "It is over."),
        ("I can’t stop smiling.", "I can stop smiling."),
        ("You don't care.", "You care."),
        ("I will never forget you.", "I will forget you."),
        ("I never liked it.", "I liked it."),
        ("Nobody had closed the gate!", "Somebody had closed the gate!"),
    ],
)
def test_negations_become_statements(text: str, stated: str) -> None:
    assert negate(text) == stated


def test_one_sentence_of_several() -> None:
    text = "I got the job! I am so happy."
    assert negate(text, 0) == "I didn't get the job! I am so happy."
    assert negate(text, 1) == "I got the job! I am not so happy."
    with pytest.raises(SerError, match="There is no sentence 3 in a text of 2"):
        negate(text, 2)


@pytest.mark.parametrize("text", ["", "!", "Oh, well done.", "Happy birthday!", "Żółć."])
def test_without_a_known_verb(text: str) -> None:
    with pytest.raises(SerError, match="No verb was found"):
        negate(text)


def test_forms_of_verbs() -> None:
    forms = {
        "stop": ("stops", "stopped"),
        "cry": ("cries", "cried"),
        "play": ("plays", "played"),
        "love": ("loves", "loved"),
        "miss": ("misses", "missed"),
        "watch": ("watches", "watched"),
        "have": ("has", "had"),
        "go": ("goes", "went"),
    }
    for base, (third, past) in forms.items():
        assert (inflect(base, "does"), inflect(base, "did")) == (third, past)
    for base in BASES:
        assert THIRD[inflect(base, "does")] == base
        assert PAST[inflect(base, "did")] == base


# degree


@pytest.mark.parametrize(
    ("text", "stronger", "weaker"),
    [
        ("I am happy.", "I am really happy.", "I am slightly happy."),
        ("Happy?", "Really happy?", "Slightly happy?"),
        ("I miss her.", "I really miss her.", "I somewhat miss her."),
        ("They hated it.", "They really hated it.", "They somewhat hated it."),
        ("An awful day.", "A really awful day.", "A slightly awful day."),
        ("It's an ugly, sad end.", *(
            "It's a really ugly, really sad end.",
            "It's a slightly ugly, slightly sad end.",
        )),
        ("You hurt me.", "You really hurt me.", "You somewhat hurt me."),
    ],
)  # fmt: skip
def test_degree_and_back(text: str, stronger: str, weaker: str) -> None:
    assert (intensify(text), reduce(text)) == (stronger, weaker)
    assert plain(stronger) == plain(weaker) == text


def test_a_degree_gives_way_to_another() -> None:
    assert intensify("I am so happy.") == "I am really happy."
    assert reduce(intensify("What an awful day.")) == "What a slightly awful day."


@pytest.mark.parametrize("change", [intensify, reduce])
@pytest.mark.parametrize("text", ["", "The package is on the table.", "The like of it."])
def test_nothing_that_has_a_degree(change: object, text: str) -> None:
    with pytest.raises(SerError, match="No word was found"):
        change(text)  # type: ignore[operator]


def test_edits_by_name() -> None:
    text = "I am happy. You are sad."
    assert {name: edit.apply(text, 1) for name, edit in TEXT_EDITS.items()} == {
        "negated": "I am happy. You aren't sad.",
        "stronger": "I am happy. You are really sad.",
        "weaker": "I am happy. You are slightly sad.",
    }


# one word


def test_a_word_replaced_and_back() -> None:
    text = "Oh, I can't wait! Happy days."
    for place, word in enumerate(list_words(text)):
        changed = replace_word(text, place, "blue")
        assert list_words(changed)[place].lower() == "blue"
        assert replace_word(changed, place, word) == text


def test_a_word_taken_out() -> None:
    assert replace_word("Oh, I am sad.", 3, "") == "Oh, I am."
    assert replace_word("Happy days!", 0, " ") == "days!"


@pytest.mark.parametrize("place", [-1, 2])
def test_no_word_there(place: int) -> None:
    with pytest.raises(SerError, match="in a text of 2 words"):
        replace_word("Happy days!", place, "sad")
