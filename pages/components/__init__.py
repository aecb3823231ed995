"""Parts of pages that Streamlit does not have, on `st.components.v2`."""
