"""Reports as Markdown."""

from collections.abc import Sequence

import pandas as pd

from ser_core.evaluation.measures import METRICS


def results_table(results: pd.DataFrame, intervals: bool = True) -> str:
    """One Markdown table a metric: rows are sets, columns are models.

    Args:
        results: as in `Report.results`.
    """
    models = list(results["model"].unique())
    parts = []
    for metric in [m for m in METRICS if m in set(results["metric"])]:
        rows = results[results["metric"] == metric]
        lines = [
            f"**{metric}**: {METRICS[metric]}",
            "",
            "| test set | n | " + " | ".join(models) + " |",
            "|---|---:|" + "---|" * len(models),
        ]
        for name in rows["set"].unique():
            of_set = rows[rows["set"] == name].set_index("model")
            cells = [
                _cell(of_set.loc[model], intervals) if model in of_set.index else "–"
                for model in models
            ]
            lines.append(f"| {name} | {of_set['n'].iloc[0]} | " + " | ".join(cells) + " |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _cell(row: pd.Series, intervals: bool) -> str:
    value = f"{row['value']:.3f}"
    return f"{value} [{row['low']:.3f}, {row['high']:.3f}]" if intervals else value


def comparisons_table(comparisons: pd.DataFrame) -> str:
    """Differences between models in one Markdown table.

    Args:
        comparisons: as in `Report.comparisons`.
    """
    lines = [
        "| test set | metric | models | difference | p (Holm) |",
        "|---|---|---|---|---:|",
    ]
    lines += [
        f"| {row['set']} | {row['metric']} | {row['a']} - {row['b']} | "
        f"{row['difference']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}] | "
        f"{_p(row['p_holm'])} |"
        for row in comparisons.to_dict("records")
    ]
    return "\n".join(lines)


def _p(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"  # a p is never 0


def seeds_table(spread: pd.DataFrame, metrics: Sequence[str]) -> str:
    """Mean and standard deviation over seeds: rows are sets and metrics, columns are models.

    Args:
        spread: as `ser_core.evaluation.seeds.spread` gives it.
    """
    models = list(spread["model"].unique())
    lines = [
        "| test set | metric | " + " | ".join(models) + " |",
        "|---|---|" + "---|" * len(models),
    ]
    for (name, metric), rows in spread.groupby(["set", "metric"], sort=False):
        if metric not in metrics:
            continue
        of_set = rows.set_index("model")
        cells = [
            f"{of_set.loc[model, 'mean']:.3f} ± {of_set.loc[model, 'sd']:.3f}"
            if model in of_set.index
            else "–"
            for model in models
        ]
        lines.append(f"| {name} | {metric} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
