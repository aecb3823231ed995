"""Do the words alone change the answer?"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ser_core.behaviour.battery.answers import answers
from ser_core.behaviour.battery.findings import finding
from ser_core.behaviour.battery.measure import by_groups
from ser_core.behaviour.battery.table import Asked
from ser_core.behaviour.finding import Finding
from ser_core.errors import SerError
from ser_core.labels import CATEGORIES


def sentiment(asked: Asked) -> Iterator[Finding]:
    """The same clips with words of each category: answers against the mean over the words."""
    rows = asked.part.rows
    if not {"clip", "text"} <= set(rows.columns) or not (rows["text"] != "").any():
        raise SerError("It needs the same clips with words of several categories (column text).")
    said = rows["text"].to_numpy(str)
    met = rows[np.isin(said, CATEGORIES)].groupby("clip")["text"].nunique()
    whole = rows["clip"].isin(met.index[met == met.max()]).to_numpy() & np.isin(said, CATEGORIES)
    part = replace(asked, part=asked.part.take(whole))
    cases = answers(0.075, 0.025, 0.075, balanced=False)
    rows_of = by_groups(part, np.char.add(said[whole], " words"), cases, simulated=False)
    yield finding(
        part,
        "sentiment",
        "Do the words alone change the answer?",
        rows_of,
        "answer to the farthest words less the mean over words",
        "A fusion that reads the words must fail this: the test is made for models of the voice.",
        ("Each clip is heard with words of every category, so that only these differ.",),
    )
