"""How long the linked maps take in Chromium: `python tests/benchmarks/maps.py [POINTS...]`.

Prints, for 2,000 and 10,000 points on five maps: seconds from the address to the painted maps, the
same of the page without maps, and from the end of a lasso around all points to the selection, in
the browser and with its table on the page. Run it on a quiet machine: `uptime` first.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "browser")]

import streamlit as st  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPEATS = 5
PANELS = 5


def page() -> None:
    """The page that is measured: made-up clips, the component, a table of the selection."""
    import numpy as np
    import pandas as pd

    from pages.components.scatter_maps import MapPanel, MappedSet, scatter_maps
    from ser_core.figures.scatter import pack_column

    size = int(st.query_params.get("points", 0))
    st.title("Maps")
    if size:
        random = np.random.default_rng(0)
        column = pack_column(pd.Series(random.choice(["happy", "sad", "angry", "neutral"], size)))
        assert column is not None
        titles = [f"clip {k}" for k in range(size)]
        mapped = MappedSet(str(size), titles, titles, {"Category": column}, [False] * size)
        panels = [MapPanel(f"Map {k}", random.normal(size=(size, 2))) for k in range(PANELS)]
        scatter_maps(
            mapped,
            panels,
            "maps",
            look={},
            selected=[],
            on_select=lambda rows: st.session_state.update(rows=rows),
            on_click=lambda row: None,
            on_look=lambda look: None,
        )
    rows = st.session_state.get("rows", [])
    st.dataframe(pd.DataFrame({"clip": rows}))
    st.markdown(f"{len(rows)} clips in the table.")


# Times of the browser's own clock, from the start of the navigation.
WATCH = """
    window.times = {};
    new MutationObserver(() => {
        const find = (root, query) => {
            for (const element of root.querySelectorAll("*")) {
                if (element.matches(query)) return element;
                const inside = element.shadowRoot && find(element.shadowRoot, query);
                if (inside) return inside;
            }
        };
        const note = (name) => { window.times[name] ??= performance.now(); };
        if (document.body?.innerText.includes("clips in the table")) note("plain");
        if (find(document, ".scatter[data-painted]")) requestAnimationFrame(() => note("maps"));
    }).observe(document, { childList: true, subtree: true, attributes: true });
"""


def measure(sizes: list[int]) -> None:
    """Drive the page and print the times."""
    from playwright.sync_api import sync_playwright
    from serving import served

    found = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))))
    command = ["streamlit", "run", __file__, "--server.headless=true", "--server.port={port}"]
    with (
        tempfile.TemporaryDirectory() as folder,
        served(command, Path(folder) / "log.txt") as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        plain = median(_paint(browser, address, 0, "plain") for _ in range(REPEATS + 1))
        print(f"the page without maps: {plain:.2f} s")
        for size in sizes:
            painted = [_paint(browser, address, size, "maps") for _ in range(REPEATS)]
            more = median(painted) - plain
            print(f"{size:,} points x {PANELS}: {median(painted):.2f} s, {more:+.2f} s")
            lassos = [_lasso(browser, address, size) for _ in range(REPEATS)]
            here, table = (median(times) for times in zip(*lassos, strict=True))
            print(
                f"  a lasso around all: {here:.2f} s to the selection, {table:.2f} s to its table"
            )
        browser.close()


def _open(browser: "Browser", address: str, size: int, what: str) -> "Page":
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.add_init_script(WATCH)
    tab.goto(f"{address}/?points={size}")
    tab.wait_for_function(f"window.times?.{what}")
    return tab


def _paint(browser: "Browser", address: str, size: int, what: str) -> float:
    tab = _open(browser, address, size, what)
    times = json.loads(tab.evaluate("JSON.stringify(window.times)"))
    tab.context.close()
    return float(times[what]) / 1000


def _lasso(browser: "Browser", address: str, size: int) -> tuple[float, float]:
    tab = _open(browser, address, size, "maps")
    tab.wait_for_timeout(1000)
    canvas = tab.locator(".scatter figure canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for step, (x, y) in enumerate([(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)]):
        tab.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=20)
        if not step:
            tab.mouse.down()
    start = perf_counter()
    tab.mouse.up()
    tab.locator(".scatter .said").filter(has_text="selected").wait_for()
    here = perf_counter() - start
    tab.get_by_text(f"{size} clips in the table.").wait_for()
    table = perf_counter() - start
    tab.context.close()
    return here, table


if st.runtime.exists():
    page()
elif __name__ == "__main__":
    measure([int(size) for size in sys.argv[1:]] or [2000, 10_000])
