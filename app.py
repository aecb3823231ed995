"""Start of the page: `streamlit run app.py`, or `ser app`."""

from pathlib import Path

import streamlit as st

ICON = Path(__file__).parent / "pages" / "icon.svg"  # an icon by name would come from the network

st.set_page_config(page_title="Speech emotion, five ways", page_icon=ICON, layout="wide")
st.navigation(
    [
        st.Page(
            "pages/compare.py",
            title="Compare",
            icon=":material/compare:",
            default=True,
            help="One clip, every model side by side: what each says, and where they differ.",
        )
    ],
    position="top",
).run()
