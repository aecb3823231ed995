"""How utterances of some dialogue acts begin, or what they consist of: patterns, one a line."""

import re


def _any_of(lines: str) -> str:
    return "|".join(line.strip() for line in lines.strip().splitlines())


_MILD = "(?:completely |totally |really |fully |absolutely |so |just |simply |quite |very )?"
_BE = r"(?:'s|'re|'m| is| are| am| was)"
_AUX = (
    "(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|am|isn't|aren't"
    "|wasn't|don't|doesn't|didn't|hasn't|haven't|can't|couldn't|won't|wouldn't)"
)
_WHO = "(?:i|you|he|she|it|we|they|that|this|there)"
FILLERS = re.compile(
    r"(?:(?:oh|ah|well|um+|uh|er|hm+|mm+|so|and|but|look|listen|hey|honestly|you know what|you know"
    r"|come on|wait|then|now|sorry|anyway)\b\W*)+"
)

# Signs of listening: an utterance of nothing but these takes no turn.
LISTENING_WORDS = re.compile(
    r"(?:(?:oh no|oh|ah|aha|ooh|aww?|yeah|yes|yep|okay|ok|alright|right|really|wow|whoa|mm+|hm+|mhm"
    r"|huh|uh|i see|sure|gotcha|got it|great|nice|cool|good|lovely|fantastic|amazing|brilliant|awesome"
    r"|excellent|perfect|wonderful|incredible|unbelievable|interesting|awful|terrible|ouch|yikes"
    r"|congratulations|seriously|well|my|dear|dear me|god|gosh|goodness|heavens|man|boy)\b\W*)+"
)
LISTENING_PHRASES = re.compile(
    r"(?:(?:oh|ah|wow|yeah|huh|well|really|okay)\W+)*(?:"
    + _any_of(rf"""
    i know(?: right| what you mean| the feeling)?
    (?:is|was) that (?:so|right|true)
    you don't say
    no (?:kidding|wonder)(?: really)?
    no way really
    for real
    {_AUX} {_WHO}(?: really| now)?
    (?:that|it|this)(?:'s| is| was| must be| must have been| sounds) {_MILD}(?:too bad|nice|great
""").replace("\n", "")
    + r"|good|cool|lovely|amazing|awful|terrible|horrible|interesting|wonderful|sad|funny|crazy"
    r"|exciting|fun|hard|tough)"
    r"|(?:good|poor|lucky|bad|bless) (?:for )?(?:you|him|her|them|thing)"
    r"|how (?:nice|awful|funny|interesting|lovely|sweet|sad|terrible|exciting|strange)"
    r"|what a (?:shame|pity|relief|surprise)|poor \w+|(?:oh )?dear poor \w+|fair play"
    r"|go on|makes sense|i bet|i can imagine|and then|tell me about it)"
)

REJECTING = re.compile(
    r"(?:(?:yeah|yes|yep|true|maybe|okay|sure|right|thanks|thank you|i see|ha)\W+)*(?:"
    + _any_of(rf"""
    no(?! one\b| doubt| problem| question| worries| kidding| you're right| matter)
    nope
    nah
    never(?: ever)?$
    not (?:really|at all|true|now|today|necessarily|exactly|quite|a chance|in a million|a bit)
    (?:absolutely|certainly|definitely|of course|probably|i hope|i guess|maybe) not
    hardly$
    nonsense
    rubbish
    bullshit
    but
    on the contrary
    quite the opposite
    i (?:completely |totally |really |strongly |have to |must )?disagree
    i don't {_MILD}(?:think|believe|buy|agree|want|see why|see it|care|like that)
    i (?:very much |really )?doubt
    i(?:'d| would) rather not
    i wouldn't (?:say|do|call|go|bet|be so)
    i(?:'m| am) (?:afraid|sorry)(?: but)? (?:not|no\b|i can't|i cannot|we can't|that's not|but)
    i(?:'m| am) not {_MILD}(?:too )?(?:sure|convinced|going|buying|doing|having|interested|happy)
    i (?:can't|cannot|won't|refuse to) (?:do|make|agree|come|accept|believe it|see)
    i never (?:said|did|touched|told|meant|asked|promised|agreed)
    (?:that|this)(?:'s| is| was) {_MILD}(?:not|wrong|false|a lie|ridiculous|nonsense|impossible
""").replace("\n", "")
    + r"|absurd|unfair|rubbish|untrue|out of the question|never)"
    r"|(?:that|this) (?:isn't|doesn't|won't|can't|wasn't|makes no)"
    r"|it (?:isn't|wasn't|doesn't|won't)"
    r"|you(?:'re| are) (?:wrong|mistaken|kidding|joking|lying|exaggerating|making that up)"
    r"|you(?:'ve| have) got (?:it|that|this) (?:all |completely )?wrong"
    r"|you (?:can't|cannot|must) be (?:serious|joking|kidding)"
    r"|are you (?:kidding|joking|serious|crazy|out of your mind)|since when|says who|as if\b"
    r"|over my dead body|forget it|actually|what are you talking about|who says)\b"
)
AGREEING_BUT = re.compile(
    r"(?:i see what you mean|i know|i hear you|fair enough|that may be)\W+but\b"
)

AGREEING = re.compile(
    r"(?:no\W+)?(?:"
    + _any_of(rf"""
    yes
    yeah
    yep
    yup
    sure
    certainly
    absolutely
    definitely
    exactly
    precisely
    totally
    of course
    okay
    ok
    alright
    all right
    fine
    indeed
    right
    (?:very |so |quite )?true
    agreed
    gladly
    deal
    will do
    for sure
    me (?:too|neither)
    same here
    count me in
    by all means
    with pleasure
    you bet
    why not$|why not let's
    (?:good|great|nice) (?:idea|point|thinking|call|plan)
    fair (?:enough|point)
    (?:neither|so|nor) {_AUX} (?:i|we|my)
    no (?:doubt|problem|question|worries)
    (?:that |it )?(?:sounds|seems|looks) (?:good|great|fine|right|reasonable|fair|like a)
    (?:that |it |this )?(?:works|makes|would make|would work) (?:for me|sense|perfect sense|fine)
    i (?:{_MILD}|couldn't )agree
    i couldn't have (?:said|put)
    couldn't agree more
    i(?:'d| would) (?:love|be happy|be glad|like) (?:to|that)$
    i (?:guess|suppose|think|believe|hope|expect) (?:so|you(?:'re| are|'ve| have)?)\b
    you(?:'re| are) {_MILD}(?:probably )?right
    you (?:can say that again|have a point|win|said it)
    that(?:'s| is) {_MILD}(?:true|right|fine|correct|fair|it|what i (?:said|think|meant)|a \w+
""").replace("\n", "")
    + r" (?:idea|point))|(?:it|he|she|they|that|we|you|i) (?:certainly|sure|really|absolutely) "
    r"(?:is|are|was|does|do|did|has|have|can|will|am))\b"
)

ASKING_TO = re.compile(
    r"(?:"
    r"(?:can|could|will|would) you (?:please |just |kindly |maybe )?(?!swim|drive|speak|believe|see"
    r"|imagine|hear|be |have |say|really|ever|tell me what|remember|like|think|know)\w+"
    r"|(?:can|could|may|might) (?:i|we) (?:please |just |maybe )?(?:have|get|see|borrow|talk|speak"
    r"|ask|use|take|go|leave|stop|come|try)\b"
    r"|would you mind|do you mind|why don't (?:you|we)|how about|what about (?!you)|shall we"
    r"|won't you|can't you (?:just |please )?\w+|would it be possible|is it (?:ok|okay) if)\b"
)
TELLING_TO = re.compile(
    r"(?:(?:please|just|now|hey|listen|look|okay|and|so|well)\W+)*(?:"
    + _any_of(r"""
    don't you (?:dare|ever)
    don't (?!you\b|know|think|i\b|we\b|they\b)
    do not
    do (?:it|this|that|me|your|as|the|something|what)\b
    never (?!mind)(?:\w+ )?(?:to|me|again|do|say|go|let|forget)\b
    let's
    let me (?!tell you|think|see if)
    let us
    let (?:it|him|her|them)
    (?:someone|somebody|everyone|everybody) (?:get|call|help|do|sit|stand|out|listen|be|stop|come)
    you (?:need|have|ought|are|re supposed) to
    you (?:should|must|had better)\b
    you'd better
    i(?:'d| would) (?:like|prefer|appreciate) (?:you|it if you)
    i (?:want|need|expect|beg|order|ask) (?:you|everyone|everybody|them|him|her)\b
    if you (?:could|would)\b
    make sure
    calm down
    watch out
    no (?:running|smoking|talking|shouting|phones)
""")
    + r")"
)
REMINDING_TAG = re.compile(
    r"\W(?:will|would|won't|can|could|can't) you$|\W(?:please|okay|ok|alright)$"
)

RHETORICAL = re.compile(
    r"(?:who (?:cares|knows|needs|asked|would have thought|am i to)|how am i supposed to|do i look"
    r"|what's the (?:point|use|difference)|what (?:do|would) i know|how should i know"
    r"|what can i say|why me|why bother|what a\b|isn't that just|do you have any idea how"
    r"|how (?:many times|often) (?:do|must|have) i|what (?:more|else) do you want)"
)
WONDERING = re.compile(
    r"i(?:'m| am| was| just)? ?(?:wonder|wondered|wondering|curious)"
    r" (?:if|whether|what|who|how|when|where|why)\b"
    r"|(?:i'd like to know|tell me) (?:if|whether|what|who|how|when|where|why)\b"
    r"|any (?:idea|chance|news|plans)\b"
)
TAG = re.compile(
    rf"(?:\b(?:right|huh|eh|correct|or what|or not|and you|what about you)|\b{_AUX} {_WHO})$"
    r"|^(?:what|why|who|where|when|how)$|\bthen (?:what|why|who|where)$"
)
