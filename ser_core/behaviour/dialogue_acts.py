"""Coarse dialogue acts of punctuated English utterances, by rules.

An act is what the speaker does, not the form: a request that is put as a question is a directive,
a question that expects no answer a statement. The rules see words and punctuation only; how often
they agree with a person is measured, see `act_agreement`.

The acts are a coarse grouping of those of Switchboard-DAMSL (Jurafsky, Shriberg and Biasca, 1997).
"""

import re

from ser_core.perturb.english import BASES, SUBJECTS, vocabulary

STATEMENT, QUESTION, AGREEMENT, DISAGREEMENT, DIRECTIVE, BACKCHANNEL = ACTS = (
    "statement",
    "question",
    "agreement",
    "disagreement",
    "directive",
    "backchannel",
)

# Whole utterances that take no turn.
_LISTENING = re.compile(
    r"(?:(?:oh|ah|yeah|yes|okay|ok|right|really|wow|mm+|hm+|huh|uh huh|mm hmm|mhm|uh|i see|sure"
    r"|gotcha|got it|great|nice|cool|good|interesting|true|well|exactly|no|my|dear|god|gosh)\b\W*)+"
)
_LISTENING_ALSO = re.compile(
    r"(?:(?:oh|ah|wow|yeah|huh|well)\W+)*(?:"
    r"i know(?: right| what you mean)?|is that so|you don't say|no kidding|no way really"
    r"|(?:did|do|does|is|are|was|were|has|have|had) (?:you|he|she|it|they|we)(?: really)?"
    r"|that's (?:too bad|nice|great|good|amazing|awful|terrible|interesting|wonderful|sad|funny)"
    r"|(?:good|poor|lucky|bad) (?:for )?(?:you|him|her|them)|how (?:nice|awful|funny|interesting)"
    r"|what a (?:shame|pity)|oh my(?: god| goodness)?|(?:oh )?dear(?: poor \w+)?|poor \w+"
    r")(?:\W+really\b.*)?"
)
_REJECTING = re.compile(
    r"(?:(?:well|oh|sorry|yeah|yes|yep|true|maybe|okay|look|come on|sure|right)\W+)*(?:"
    r"no|nope|nah|never|not (?:really|at all|true|now|today|necessarily)"
    r"|(?:absolutely|certainly|definitely|of course|probably) not|hardly|nonsense|rubbish|no way"
    r"|but|i (?:completely |totally |really |strongly )?disagree|i don't (?:think|believe|buy|agree"
    r"|want|see why)|i doubt|i(?:'d| would) rather not|i wouldn't (?:say|do|call)"
    r"|i(?:'m| am) (?:afraid|sorry)\b.*\b(?:not|no|\w+n't|cannot)|i can't (?:do|make|agree|come)"
    r"|that(?:'s| is) (?:not|wrong|a lie|ridiculous|nonsense)|that (?:isn't|doesn't|won't|can't)"
    r"|it (?:isn't|wasn't|doesn't|won't) |you(?:'re| are) (?:wrong|mistaken|kidding|joking)"
    r"|you (?:can't|must) be (?:serious|joking|kidding)|are you (?:kidding|joking|serious|crazy)"
    r"|over my dead body|forget it|actually"
    r")\b"
)
_YES_BUT = re.compile(r"^(?:yes|yeah|yep|sure|okay|true|maybe|i see what you mean|i know)\W+but\b")
_AGREEING = re.compile(
    r"(?:(?:oh|well|mm+|no|ah|hm+)\W+)*(?:"
    r"yes|yeah|yep|yup|sure|certainly|absolutely|definitely|exactly|of course|okay|ok|alright"
    r"|all right|fine|indeed|right|true|good (?:idea|point)|fair (?:enough|point)|agreed|me too"
    r"|same here|(?:neither|so) (?:do|am|can|would|did|have) i|no (?:doubt|problem|question)"
    r"|why not|sounds (?:good|great|fine)|by all means|with pleasure|deal|you bet"
    r"|(?:i )?(?:totally |completely |fully )?(?:couldn't )?agree|i (?:guess|suppose|think|believe) "
    r"(?:so|you(?:'re| are| have)?)\b|you(?:'re| are) (?:\w+ )?right|you (?:can say that again|have "
    r"a point|win)|that(?:'s| is) (?:\w+ )?(?:true|right|fine|correct|a \w+ (?:idea|point))"
    r"|that works"
    r")\b"
)
_ASKING_TO = re.compile(
    r"(?:(?:can|could|will|would) you (?:please |just |kindly )?(?!swim|believe|imagine|tell me "
    r"what|hear|see\b)\w+|(?:can|could|may) (?:i|we) (?:please )?(?:have|get|see|borrow|talk)\b"
    r"|would you mind|do you mind|why don't (?:you|we)|how about|what about (?!you)|shall we"
    r"|won't you)\b"
)
_TELLING_TO = re.compile(
    r"(?:(?:please|just|now|hey|listen|look|okay|and|so|well)\W+)*(?:"
    r"don't you (?:dare|ever)|don't|do not|never (?!mind)(?:\w+ )?(?:to|me|again|do|say|go|let)\b"
    r"|let's|let me|let us|be (?:\w+)|someone (?:get|call|help|do)|somebody (?:get|call|help|do)"
    r"|you (?:need|have|ought) to|you (?:should|must|had better|'d better)\b|you'd better"
    r"|i(?:'d| would) like you to|i (?:want|need) (?:you|everyone|everybody|them|him|her)\b"
    r"|if you (?:could|would)\b|make sure|go ahead|calm down|hold on|hang on|watch out|shut up"
    r"|come (?:on|here|in|home|back|with)|get (?:out|up|in|off|me|your|the|over|down|back|some)"
    r")\b"
)
# Verbs that begin an imperative, beside the common ones of `perturb.english`.
_IMPERATIVES = vocabulary(
    "put take give turn hold look stop wait sit stand run read write open close leave bring send "
    "pass call come go get keep make tell ask try check watch listen forget remember say stay eat "
    "drink shut cut pick pull push throw drop move hurry relax breathe enjoy grab fetch finish "
    "follow sign drive lock hand walk"
)
_TAG = re.compile(
    r"(?:\b(?:right|okay|ok|huh|eh|yeah|no|correct)"
    r"|\b(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)(?:n't)? "
    r"(?:i|you|he|she|it|we|they|there))$"
)
_ASKING_WORDS = vocabulary(
    "what when where who whom whose which why how is are am was were do does did can could will "
    "would should shall have has had isn't aren't don't doesn't didn't any anyone anybody"
)
_WH = vocabulary("what when where who whom whose which why how")
_AUXILIARY = vocabulary(
    "is are am was were do does did can could will would should shall have has had"
)
_RHETORICAL = re.compile(
    r"(?:who cares|who knows|how am i supposed to|do i look like|what's the (?:point|use)"
    r"|what do i know|how should i know|what can i say|why (?:me|bother)|what a\b|isn't that just)"
)
_WONDERING = re.compile(r"i (?:was wondering|wonder|wondered) (?:if|whether|what|who|how|when)\b")


def classify(utterance: str) -> str:
    """One of `ACTS`; statement where no rule holds.

    >>> classify("Could you open the window?"), classify("Uh-huh.")
    ('directive', 'backchannel')
    """
    text = " ".join(re.sub(r"[^\w'?!.,]+", " ", utterance.replace("’", "'").lower()).split())
    asked = text.rstrip(" .!").endswith("?")
    words = " ".join(re.findall(r"\w+(?:'\w+)*", text))
    commas = text.rstrip(" .?!")
    if not words:
        return BACKCHANNEL
    if _LISTENING.fullmatch(commas) or _LISTENING_ALSO.fullmatch(words):
        return _short(words, asked)
    if _RHETORICAL.match(words):
        return STATEMENT
    if _ASKING_TO.match(words):
        return DIRECTIVE
    if _is_rejection(words):
        return DISAGREEMENT
    if asked:
        return QUESTION
    return _without_question_mark(words)


def _short(words: str, asked: bool) -> str:
    """Of an utterance of nothing but signs of listening: some of them answer."""
    if asked or words.split(maxsplit=1)[0] not in {"no", "exactly", "true"}:
        return BACKCHANNEL
    return DISAGREEMENT if words.startswith("no") else AGREEMENT


def _is_rejection(words: str) -> bool:
    if re.match(r"(?:no|well) (?:you're|you are) right\b|no (?:doubt|problem|question)\b", words):
        return False
    return bool(_YES_BUT.match(words) or _REJECTING.match(words))


def _without_question_mark(words: str) -> str:
    if _AGREEING.match(words):
        return AGREEMENT
    if _TELLING_TO.match(words) or _begins_with_imperative(words):
        return DIRECTIVE
    if _WONDERING.match(words) or _asks(words) or _TAG.search(words):
        return QUESTION
    return STATEMENT


def _begins_with_imperative(words: str) -> bool:
    first, _, rest = words.partition(" ")
    if first in {"please", "just", "now"}:
        first, _, rest = rest.partition(" ")
    following = rest.partition(" ")[0]
    return first in _IMPERATIVES | BASES - vocabulary(
        "thank hope"
    ) and following not in SUBJECTS - {
        "it",
        "this",
        "these",
        "those",
        "that",
        "you",
    }


def _asks(words: str) -> bool:
    """An inversion (`is it`), or a question word with one (`where did you`)."""
    first, *rest = words.split()
    if first in _AUXILIARY and rest and rest[0] in SUBJECTS:
        return True
    return first in _WH and any(word in _AUXILIARY for word in rest[:2]) and len(rest) > 1
