"""How utterances of some dialogue acts begin, or what they consist of.

The patterns are for words in lower case, without punctuation but apostrophes, one blank between.
"""

import re

_MILD = r"(?:(?:completely|totally|really|fully|absolutely|so|just|simply|quite|very) )?"
_AUX = (
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|am|isn't|aren't"
    r"|wasn't|don't|doesn't|didn't|hasn't|haven't|can't|couldn't|won't|wouldn't)"
)
_WHO = r"(?:i|you|he|she|it|we|they|that|this|there)"
_QUESTION_WORD = r"(?:if|whether|what|who|how|when|where|why)"


def _words(*lists: str) -> str:
    """One of the words of these lists, as a pattern."""
    return "(?:" + "|".join(word for words in lists for word in words.split()) + ")"


def _one_of(*patterns: str) -> str:
    return "(?:" + "|".join(patterns) + ")"


FILLERS = re.compile(
    _one_of(
        _words("oh ah well um+ uh er hm+ mm+ so and but look listen hey honestly wait then now"),
        *("sorry", "anyway", "you know what", "you know", "come on"),
    ).join(("(?:", r"\b\W*)+"))
)

# Signs of listening: an utterance of nothing but these takes no turn.
LISTENING_WORDS = re.compile(
    _one_of(
        *("oh no", "i see", "got it", "dear me"),
        _words(
            "oh ah aha ooh aww? yeah yes yep okay ok alright right really wow whoa mm+ hm+ mhm huh",
            "uh sure gotcha great nice cool good lovely fantastic amazing brilliant awesome well",
            "excellent perfect wonderful incredible unbelievable interesting awful terrible ouch",
            "yikes congratulations seriously my dear god gosh goodness heavens man boy",
        ),
    ).join(("(?:", r"\b\W*)+"))
)
_JUDGED = _words(
    "nice great good cool lovely amazing awful terrible horrible interesting wonderful sad funny",
    "crazy exciting fun hard tough",
)
LISTENING_PHRASES = re.compile(
    r"(?:(?:oh|ah|wow|yeah|huh|well|really|okay) )*"
    + _one_of(
        r"i know(?: right| what you mean| the feeling)?",
        r"(?:is|was) that (?:so|right|true)",
        r"you don't say|for real|go on|makes sense|i bet|i can imagine|and then|fair play",
        r"tell me about it|no (?:kidding|wonder)(?: really)?|no way really",
        rf"{_AUX} {_WHO}(?: really| now)?",
        r"(?:that|it|this)(?:'s| is| was| must be| must have been| sounds) "
        + f"{_MILD}(?:too bad|{_JUDGED})",
        r"(?:good|poor|lucky|bad|bless) (?:for )?(?:you|him|her|them|thing)",
        r"how (?:nice|awful|funny|interesting|lovely|sweet|sad|terrible|exciting|strange)",
        r"what a (?:shame|pity|relief|surprise)|(?:oh )?(?:dear )?poor \w+",
    )
)

REJECTING = re.compile(
    r"(?:(?:yeah|yes|yep|true|maybe|okay|sure|right|thanks|thank you|i see|ha) )*"
    + _one_of(
        r"no(?! one\b| doubt| problem| question| worries| kidding| you're right| matter)",
        r"nope|nah|nonsense|rubbish|bullshit|but|actually|as if",
        r"never(?: ever)?$|hardly$",
        r"not (?:really|at all|true|now|today|necessarily|exactly|quite|a chance|a bit)",
        r"not in a million",
        r"(?:absolutely|certainly|definitely|of course|probably|i hope|i guess|maybe) not",
        r"on the contrary|quite the opposite|over my dead body|forget it",
        r"since when|says who|who says",
        r"i (?:(?:completely|totally|really|strongly|have to|must) )?disagree",
        rf"i don't {_MILD}(?:think|believe|buy|agree|want|see why|see it|care|like that)",
        r"i (?:very much |really )?doubt|i(?:'d| would) rather not",
        r"i wouldn't (?:say|do|call|go|bet|be so)",
        r"i(?:'m| am) (?:afraid|sorry)(?: but)? "
        r"(?:not|no\b|i can't|i cannot|we can't|that's not|but)",
        rf"i(?:'m| am) not {_MILD}(?:too )?"
        r"(?:sure|convinced|going|buying|doing|having|interested|happy)",
        r"i (?:can't|cannot|won't|refuse to) (?:do|make|agree|come|accept|believe it|see)",
        r"i never (?:said|did|touched|told|meant|asked|promised|agreed)",
        rf"(?:that|this)(?:'s| is| was) {_MILD}(?:not|wrong|false|a lie|ridiculous|nonsense"
        r"|impossible|absurd|unfair|rubbish|untrue|out of the question|never)",
        r"(?:that|this) (?:isn't|doesn't|won't|can't|wasn't|makes no)",
        r"it (?:isn't|wasn't|doesn't|won't)",
        r"you(?:'re| are) (?:wrong|mistaken|kidding|joking|lying|exaggerating|making that up)",
        r"you(?:'ve| have) got (?:it|that|this) (?:all |completely )?wrong",
        r"you (?:can't|cannot|must) be (?:serious|joking|kidding)",
        r"are you (?:kidding|joking|serious|crazy|out of your mind)|what are you talking about",
    )
    + r"\b"
)
AGREEING_BUT = re.compile(
    r"(?:i see what you mean|i know|i hear you|fair enough|that may be) but\b"
)

AGREEING = re.compile(
    r"(?:no )?"
    + _one_of(
        _words(
            "yes yeah yep yup sure certainly absolutely definitely exactly precisely totally okay",
            "ok alright fine indeed right agreed gladly deal",
        ),
        r"of course|all right|(?:very |so |quite )?true|will do|for sure|me (?:too|neither)",
        r"same here|count me in|by all means|with pleasure|you bet|why not$|why not let's",
        r"(?:good|great|nice) (?:idea|point|thinking|call|plan)|fair (?:enough|point)",
        rf"(?:neither|so|nor) {_AUX} (?:i|we|my)",
        r"no (?:doubt|problem|question|worries)",
        r"(?:that |it )?(?:sounds|seems|looks) (?:good|great|fine|right|reasonable|fair|like a)",
        r"(?:that |it |this )?(?:works|makes|would make|would work) "
        r"(?:for me|sense|perfect sense|fine)",
        rf"i (?:{_MILD}|couldn't )agree|couldn't agree more|i couldn't have (?:said|put)",
        r"i(?:'d| would) (?:love|be happy|be glad|like) (?:to|that)$",
        r"i (?:guess|suppose|think|believe|hope|expect) (?:so|you(?:'re| are|'ve| have)?)\b",
        rf"you(?:'re| are) {_MILD}(?:probably )?right",
        r"you (?:can say that again|have a point|win|said it)",
        rf"that(?:'s| is) {_MILD}(?:true|right|fine|correct|fair|it|what i (?:said|think|meant))",
        rf"that(?:'s| is) {_MILD}a \w+ (?:idea|point)",
        r"(?:it|he|she|they|that|we|you|i) (?:certainly|sure|really|absolutely) "
        r"(?:is|are|was|does|do|did|has|have|can|will|am)",
    )
    + r"\b"
)

ASKING_TO = re.compile(
    _one_of(
        r"(?:can|could|will|would) you (?:please |just |kindly |maybe )?"
        + f"(?!{_words('swim drive speak believe see imagine hear say really ever remember like')}"
        + r"|think|know|be |have |tell me what)\w+",
        r"(?:can|could|may|might) (?:i|we) (?:please |just |maybe )?"
        + _words("have get see borrow talk speak ask use take go leave stop come try"),
        r"would you mind|do you mind|why don't (?:you|we)|how about|what about (?!you)|shall we",
        r"won't you|can't you (?:just |please )?\w+|would it be possible|is it (?:ok|okay) if",
    )
    + r"\b"
)
TELLING_TO = re.compile(
    r"(?:(?:please|just|now|hey|listen|look|okay|and|so|well) )*"
    + _one_of(
        r"don't you (?:dare|ever)|don't (?!you\b|know|think|i\b|we\b|they\b)|do not",
        r"do (?:it|this|that|me|your|as|the|something|what)\b",
        r"never (?!mind)(?:\w+ )?(?:to|me|again|do|say|go|let|forget)\b",
        r"let's|let us|let me (?!tell you|think|see if)|let (?:it|him|her|them)",
        r"(?:someone|somebody|everyone|everybody) "
        + _words("get call help do sit stand out listen be stop come"),
        r"you (?:need|have|ought|are|re supposed) to|you (?:should|must|had better)\b",
        r"you'd better|i(?:'d| would) (?:like|prefer|appreciate) (?:you|it if you)",
        r"i (?:want|need|expect|beg|order|ask) (?:you|everyone|everybody|them|him|her)\b",
        r"if you (?:could|would)\b|make sure|calm down|watch out",
        r"no (?:running|smoking|talking|shouting|phones)",
    )
)
REMINDING_TAG = re.compile(r" (?:(?:will|would|won't|can|could|can't) you|please|okay|ok|alright)$")

RHETORICAL = re.compile(
    _one_of(
        r"who (?:cares|knows|needs|asked|would have thought|am i to)|how am i supposed to",
        r"do i look|what's the (?:point|use|difference)|what (?:do|would) i know|why me|why bother",
        r"how should i know|what can i say|what a\b|isn't that just|do you have any idea how",
        r"how (?:many times|often) (?:do|must|have) i|what (?:more|else) do you want",
    )
)
WONDERING = re.compile(
    _one_of(
        rf"i(?:'m| am| was| just)? ?(?:wonder|wondered|wondering|curious) {_QUESTION_WORD}",
        rf"(?:i'd like to know|tell me) {_QUESTION_WORD}",
        r"any (?:idea|chance|news|plans)",
    )
    + r"\b"
)
TAG = re.compile(
    rf"\b(?:right|huh|eh|correct|or what|or not|and you|what about you|{_AUX} {_WHO})$"
    r"|^(?:what|why|who|where|when|how)$|\bthen (?:what|why|who|where)$"
)
