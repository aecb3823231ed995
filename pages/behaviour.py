"""Behaviour: whom the models follow, what words alone do, and which tests they pass."""

import streamlit as st

from pages import _behaviour_battery as battery
from pages import _behaviour_findings as findings
from pages import _behaviour_live as live
from pages import _behaviour_source as source
from pages import _choices as choices
from pages import _frame as frame
from ser_core.behaviour.finding import PARTS

TITLES = {
    "follow": ":material/call_split: Words or voice",
    "words": ":material/edit_off: Missing or wrong words",
    "templates": ":material/short_text: Words alone",
    "acts": ":material/forum: Dialogue acts",
    "battery": ":material/rule: Test battery",
}
HOW_TO_READ = """
- **One thing is changed and the rest is kept**: the words with the voice fixed, the voice with the
  words fixed, or noise added to both. What then changes in the answers is due to it.
- **Lines** are 95 % intervals. They cover these clips and speakers, and no others.
- **A test** has a limit, drawn as an upright stroke: “✓ pass” keeps it, “✗ fail” does not, and
  “too few” means that so few examples prove neither. The small ring is what a model gets that
  knows nothing: in small groups even it seems to treat some better than others.
- **To pass is not to be good**: a model that always gives the same answer is never unfair, and
  nothing disturbs it. Read the tests beside its figures on Evaluation.
- **Whom a model follows** says nothing of who is right: in a conflict there may be no right answer.
"""

variant, analyzer = frame.open_page(
    "Whom do the models follow, and where do they fail?",
    "Each answer comes from changing one thing and keeping the rest: the words, the voice, or the "
    "noise around it.",
)
show = source.choose(analyzer)
part = choices.choose_part("behaviour.part", "Part", {key: TITLES[key] for key in PARTS})
if part == "templates":
    live.show(variant, analyzer)
draw = battery.show if part == "battery" else findings.show
show(part, lambda found: draw(found, analyzer))
with st.expander("How to read this"):
    st.markdown(HOW_TO_READ)
