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
ATTRIBUTION = st.Page(
    "pages/attribution.py",
    title="Attribution",
    icon=":material/format_color_text:",
    help="What in the voice, and which words, raised or lowered one output of one model.",
)

st.set_page_config(page_title="Speech emotion, five ways", page_icon=ICON, layout="wide")
st.navigation({"Explore": [COMPARE], "Explain": [ATTRIBUTION]}, position="top").run()
