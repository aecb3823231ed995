"""What could not be asked, as a finding beside the others."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ser_core.behaviour.finding import COLUMNS, Finding


def left_out(part: str, reasons: Mapping[str, str]) -> Finding:
    """A finding without figures.

    Args:
        part: one of `finding.PARTS`. reasons: why, one sentence each, by what was asked.
    """
    table = pd.DataFrame(
        [("all", name, np.nan, np.nan, np.nan, 0, why) for name, why in reasons.items()],
        columns=[*COLUMNS, "reason"],
    )
    return Finding(
        f"{part}_left_out",
        part,
        "What could not be asked?",
        "; ".join(f"{name}: {why.rstrip('.')}" for name, why in reasons.items()) + ".",
        "Nothing is said of what was not asked.",
        "",
        table,
    )
