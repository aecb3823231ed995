"""Start of the pages: `streamlit run app.py`, or `ser app`."""

from pathlib import Path

import streamlit as st

ICON = Path(__file__).parent / "pages" / "icon.svg"  # an icon by name would come from the network
COMPARE = st.Page(
    "pages/compare.py",
    title="Compare",
    icon=":material/compare:",
    default=True,
    help="One clip, every model side by side: what each says, and where they differ.",
)
WHAT_IF = st.Page(
    "pages/what_if.py",
    title="What if",
    icon=":material/tune:",
    help="Change the sound or the words step by step, and see every model's answers follow.",
)
ATTRIBUTION = st.Page(
    "pages/attribution.py",
    title="Attribution",
    icon=":material/format_color_text:",
    help="What in the voice, and which words, raised or lowered one output of one model.",
)
FUSION_STAGES = st.Page(
    "pages/fusion_stages.py",
    title="Fusion stages",
    icon=":material/hub:",
    help="Where the words enter the network of a fusion model, and what they do there.",
)
MAP = st.Page(
    "pages/map.py",
    title="Map",
    icon=":material/scatter_plot:",
    help="Many clips as points, one map a model: which are alike to it, and in what.",
)
EVALUATION = st.Page(
    "pages/evaluation.py",
    title="Evaluation",
    icon=":material/fact_check:",
    help="How well each model does on labelled clips, on whom, and where models disagree.",
)
BEHAVIOUR = st.Page(
    "pages/behaviour.py",
    title="Behaviour",
    icon=":material/psychology:",
    help="Whom each model follows, what words alone do to it, and which tests it passes.",
)

st.set_page_config(page_title="Speech emotion, five ways", page_icon=ICON, layout="wide")
st.navigation(
    {
        "Explore": [COMPARE, WHAT_IF],
        "Explain": [ATTRIBUTION, FUSION_STAGES],
        "Survey": [MAP, EVALUATION, BEHAVIOUR],
    },
    position="top",
).run()
