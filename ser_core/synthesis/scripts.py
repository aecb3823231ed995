"""What the example clips say, in which voicing, and in which order they are shown."""

from dataclasses import dataclass

from ser_core.synthesis.voicing import VOICINGS

DISAGREE = "Words and voice disagree"
AGREE = "Words and voice agree"
SAME_SENTENCE = "Same sentence, four voices"
SAME_VOICE = "Same voice, four sentences"
OVER_TIME = "Pauses and changes"
NOT_SPEECH = "Not speech"

GROUPS = {  # what is special about the clips of a group, one line each
    DISAGREE: "Whom does each model follow?",
    AGREE: "Words and voice say the same, as most training data does.",
    SAME_SENTENCE: "Only the voice differs, so only the voice can tell.",
    SAME_VOICE: "Only the words differ, spoken without emotion.",
    OVER_TIME: "One answer for a whole clip hides what happens within it.",
    NOT_SPEECH: "Models answer all the same: do not believe them.",
}


@dataclass(frozen=True)
class Script:
    """What a clip is made from.

    Attributes:
        id: slug, unique and stable.
        title: for humans.
        group: heading under which the clip is shown.
        words: category of the words; empty if it changes or if nobody speaks.
        turns: (voicing, text) pairs, said one after the other; empty for the sound in
            `ser_core.synthesis.sounds.SOUNDS` that has this id.
        pause: between sentences, in seconds; `None` for the voicing's own.
    """

    id: str
    title: str
    group: str
    words: str = ""
    turns: tuple[tuple[str, str], ...] = ()
    pause: float | None = None

    @property
    def transcript(self) -> str:
        """All that is said."""
        return " ".join(text for _, text in self.turns)

    @property
    def voice(self) -> str:
        """The voicing, empty if there is none or more than one."""
        voices = {voicing for voicing, _ in self.turns}
        return voices.pop() if len(voices) == 1 else ""


_TEXTS = {
    "neutral": "The report is in the folder on your desk.",
    "happy": "I got the job! I am so happy, I can't stop smiling.",
    "sad": "I have been crying all day. I miss her so much.",
    "angry": "I am sick of your lies! Get out of my house, right now!",
}
_SAME = {  # slug: (how it begins, the sentence)
    "package": ("The package …", "The package is on the kitchen table."),
    "keys": ("You can find the keys …", "You can find the keys on the shelf by the door."),
}


def _pair(words: str, voice: str, group: str) -> Script:
    title = f"{words.capitalize()} words, {voice} voice"
    return Script(f"{words}-words-{voice}-voice", title, group, words, ((voice, _TEXTS[words]),))


def _same(slug: str, voice: str) -> Script:
    beginning, text = _SAME[slug]
    title = f"“{beginning}”, {voice} voice"
    return Script(f"{slug}-{voice}", title, SAME_SENTENCE, "neutral", ((voice, text),))


_PRAISE = "Oh, well done. What a brilliant idea."
_BRAVE = "I am fine, really. Everything is wonderful."
_THOUGHT = "I have thought about it for a long time. I will tell you tomorrow."
_STORY = (
    ("neutral", "The phone rang at six this morning."),
    ("sad", "They told me that my dog was lost, and I cried."),
    ("angry", "Nobody had closed the gate!"),
    ("happy", "Then the door opened, and there he was! I am so happy!"),
)

_ORDER = (
    # The first is what a newcomer hears first: its words and its voice are heard as they are meant.
    _pair("sad", "angry", DISAGREE),
    _pair("happy", "angry", DISAGREE),
    _pair("angry", "happy", DISAGREE),
    _pair("sad", "happy", DISAGREE),
    _pair("happy", "sad", DISAGREE),
    _pair("angry", "sad", DISAGREE),
    Script("irony", "Irony: praise, angry voice", DISAGREE, "happy", (("angry", _PRAISE),)),
    Script(
        "brave-face", "A brave face: all well, sad voice", DISAGREE, "happy", (("sad", _BRAVE),)
    ),
    *(_pair(emotion, emotion, AGREE) for emotion in ("happy", "sad", "angry")),
    *(_same(slug, voice) for slug in _SAME for voice in VOICINGS),
    *(_pair(words, "neutral", SAME_VOICE) for words in _TEXTS),
    Script("story", "A story: the voice changes", OVER_TIME, turns=_STORY),
    Script("long-pause", "A long pause", OVER_TIME, "neutral", (("neutral", _THOUGHT),), pause=2.5),
    Script("room-tone", "A quiet room, nobody speaks", NOT_SPEECH),
    Script("bell", "A bell", NOT_SPEECH),
    Script("rain", "Rain", NOT_SPEECH),
)

SCRIPTS = {script.id: script for script in _ORDER}
