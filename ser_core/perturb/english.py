"""The little English that a negation needs: auxiliaries, and the forms of common verbs."""


def vocabulary(text: str) -> frozenset[str]:
    """The words of a text, written without quotes and commas so that they can be read."""
    return frozenset(text.split())


AUXILIARIES = {  # with `not`
    "am": "am not",
    "is": "isn't",
    "are": "aren't",
    "was": "wasn't",
    "were": "weren't",
    "do": "don't",
    "does": "doesn't",
    "did": "didn't",
    "have": "haven't",
    "has": "hasn't",
    "had": "hadn't",
    "can": "can't",
    "could": "couldn't",
    "will": "won't",
    "would": "wouldn't",
    "shall": "shan't",
    "should": "shouldn't",
    "may": "may not",
    "might": "might not",
    "must": "mustn't",
}
POSITIVE = {negative: word for word, negative in AUXILIARIES.items()} | {"cannot": "can"}
HAVE = frozenset({"have", "has", "had"})
DO = frozenset({"do", "does", "did"})
SUBJECTS = vocabulary(
    "i you he she it we they who that this these those people everybody everyone somebody someone "
    "everything something there"
)
THIRD_PERSON = SUBJECTS - vocabulary("i you we they these those people")
# Between subject and verb: `I really like it`.
ADVERBS = vocabulary(
    "really always just still also often even only truly actually certainly probably simply "
    "already absolutely totally completely honestly finally suddenly usually sometimes "
    "somewhat slightly rather quite very so"
)
NOBODY = {"nobody": "somebody", "nothing": "something"}

_REGULAR = vocabulary("""
accept agree allow answer appear ask believe call care carry change cheer clean close complain
consider continue cook cry dance decide deserve destroy die disappoint dream drop enjoy expect fail
fear finish follow happen hate help hope hug hurry imagine improve invite joke jump kill kiss laugh
learn lie like listen live look love manage marry matter mention mind miss move need notice offer
open pass plan play please prefer promise pull push rain reach regret remember remind rescue respect
ruin save scare scream seem share shout show smile sound start stay stop suffer suppose surprise
talk thank touch treat trust try turn use visit wait walk want warn waste watch welcome wish wonder
work worry yell
""")
_IRREGULAR = """
become became become|begin began begun|break broke broken|bring brought brought|build built built
buy bought bought|catch caught caught|choose chose chosen|come came come|cost cost cost
do did done|drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|feel felt felt
fight fought fought|find found found|fly flew flown|forget forgot forgotten
forgive forgave forgiven|get got got|give gave given|go went gone|grow grew grown|have had had
hear heard heard|hide hid hidden|hit hit hit|hold held held|hurt hurt hurt|keep kept kept
know knew known|leave left left|let let let|lose lost lost|make made made|mean meant meant
meet met met|pay paid paid|put put put|read read read|ring rang rung|run ran run|say said said
see saw seen|sell sold sold|send sent sent|shut shut shut|sing sang sung|sit sat sat
sleep slept slept|speak spoke spoken|spend spent spent|stand stood stood|steal stole stolen
take took taken|teach taught taught|tell told told|think thought thought|throw threw thrown
understand understood understood|wake woke woken|wear wore worn|win won won|write wrote written
""".replace("\n", "|")
_DOUBLED = vocabulary("drop hug plan regret stop")


def _third(base: str) -> str:
    if base in ("do", "go"):
        return base + "es"
    if base == "have":
        return "has"
    if base.endswith(("s", "sh", "ch", "x", "z")):
        return base + "es"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    return base + "s"


def _past(base: str) -> str:
    if base in _DOUBLED:
        return base + base[-1] + "ed"
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    return base + "ed"


_VERBS = {base: (_third(base), _past(base), _past(base)) for base in _REGULAR}
for _entry in filter(None, _IRREGULAR.split("|")):
    _base, _irregular, _participle = _entry.split()
    _VERBS[_base] = (_third(_base), _irregular, _participle)

BASES = frozenset(_VERBS)
THIRD = {forms[0]: base for base, forms in _VERBS.items()}
PAST = {forms[1]: base for base, forms in _VERBS.items()}
PARTICIPLES = frozenset(forms[2] for forms in _VERBS.values()) | {"been", "gotten"}


def inflect(base: str, auxiliary: str) -> str:
    """The form that says without do-support what `do`, `does` or `did` says with it.

    >>> inflect("go", "did"), inflect("miss", "does"), inflect("go", "do")
    ('went', 'misses', 'go')
    """
    if auxiliary == "do":
        return base
    return _VERBS[base][0 if auxiliary == "does" else 1]
