"""Bring an element of the page into view, once for each wish."""

import streamlit as st

# The element may be drawn after this one.
_COMPONENT = st.components.v2.component(
    "scroll",
    js="""const done = new Set();
    export default function ({ data }) {
        if (!data.wish || done.has(data.wish)) return;
        done.add(data.wish);
        const until = performance.now() + 3000;
        const look = () => {
            const element = document.querySelector(`.st-key-${data.key}:not([data-retained])`);
            if (element) {
                element.style.scrollMarginTop = "4.5rem";
                element.scrollIntoView({ behavior: "smooth", block: "start" });
            } else if (performance.now() < until) requestAnimationFrame(look);
        };
        setTimeout(look, 200);
    }""",
)


def scroll_to(key: str, wish: str) -> None:
    """Scroll to the element of a key.

    Args:
        key: of a Streamlit element or container.
        wish: another text for another time; "" does nothing.
    """
    _COMPONENT(key=f"scroll_{key}", data={"key": key, "wish": wish})
