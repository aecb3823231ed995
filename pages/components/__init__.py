"""Components of our own: parts of a page that Streamlit does not have."""
