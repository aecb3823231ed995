"""The tables of an experiment: results with intervals, paired tests, how it was measured."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from ser_core.errors import CheckpointError
from ser_core.evaluation.comparison import enough_draws, smallest_p
from ser_core.evaluation.measures import METRICS
from ser_core.evaluation.tables import comparisons_table
from ser_core.experiments.cells import Cell
from ser_core.experiments.data import Data
from ser_core.experiments.protocol import Experiment
from ser_core.experiments.results import SPEAKERS, Tables, tabulate
from ser_core.models.checkpoint import load
from ser_core.support.atomic import write_whole

QUICK_DRAWS = 200  # while cells are still running
SIGNIFICANT = 0.05
FEW_SPEAKERS = 20
IN_FILE_ONLY = "macro-F1"  # the page is long enough; comparisons.csv has it

IEMOCAP_NOTE = (
    "IEMOCAP's scripted dialogues repeat across sessions, so that words which were tested occur in "
    "training: results of all models that read text are inflated (Pepino et al., 2020)."
)


def write_report(
    experiment: Experiment,
    cells: list[Cell],
    data: Data,
    folder: Path,
    bootstrap: str = SPEAKERS,
    draws: int | None = None,
    accepts: Callable[[Cell], bool] = lambda _: True,
) -> None:
    """Write results.csv, comparisons.csv and results.md, of what is done so far.

    Args:
        experiment: for titles and protocol.
        cells: all of them. data: what they are made on.
        folder: to write to.
        bootstrap: `speakers` or `utterances`.
        draws: resamples; as many as the comparisons of all models need where not said.
        accepts: says no for a cell that was made with other settings, and does not count.
    """
    counted, made_otherwise, missing = [], [], []
    for cell in cells:  # once: other commands may end meanwhile
        if not cell.done:
            missing.append(cell.name)
        elif accepts(cell):
            counted.append(cell)
        else:
            made_otherwise.append(cell.name)
    draws = enough_draws(len(experiment.models)) if draws is None else draws
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "left_out.csv").unlink(missing_ok=True)  # of an earlier run
    if len(data.left_out):
        write_whole(folder / "left_out.csv", data.left_out.to_csv(index=False))
    tables = tabulate(counted, bootstrap, draws)
    for file, table in (("results", tables.results), ("comparisons", tables.comparisons)):
        write_whole(folder / f"{file}.csv", table.to_csv(index=False, float_format="%.6f"))
    parts = [f"# {experiment.title}"]
    if tables.results.empty:
        parts.append("Nothing is done yet that models can be compared by.")
    titles = {name: recipe.title for name, recipe in experiment.models.items()}
    for name, rows in tables.results.groupby("set", sort=False):
        first = rows.iloc[0]
        heading = f"## {name}: {first['n']:,} utterances, {first['speakers']:,} known speakers"
        parts += [heading, results_table(rows, titles)]
    if len(tables.comparisons):
        shown = tables.comparisons[tables.comparisons["metric"] != IN_FILE_ONLY]
        parts += ["## Differences between models", comparisons_table(shown)]
    notes = [*_how(experiment, bootstrap, draws, tables), *training_notes(counted), *data.notes]
    if experiment.protocol.corpus == "iemocap":
        notes.append(IEMOCAP_NOTE)
    notes += _gaps(tables, missing, made_otherwise, len(cells))
    parts += ["## How it was measured", "\n".join(f"- {note}" for note in notes)]
    write_whole(folder / "results.md", "\n\n".join(parts) + "\n")


def _gaps(tables: Tables, missing: list[str], made_otherwise: list[str], cells: int) -> list[str]:
    """What has no figure in the tables: models, and cells by name out of so many."""
    notes = []
    undefined = tables.results[tables.results["value"].isna()]
    if len(undefined):
        notes.append(
            f"No figure for {', '.join(undefined['model'].unique())}: predictions are not all "
            "numbers, as of a training that diverged, or they and the truth are one constant."
        )
    if missing:
        notes.append(f"Not done yet: {len(missing)} of {cells} runs ({_listed(missing)}).")
    if made_otherwise:
        notes.append(f"Made with other settings and not counted: {_listed(made_otherwise)}.")
    return notes


def _listed(names: list[str]) -> str:
    return ", ".join(names[:10]) + (", …" if len(names) > 10 else "")


def results_table(results: pd.DataFrame, titles: dict[str, str]) -> str:
    """Markdown: rows are models, columns are metrics with their intervals.

    Args:
        results: of one test set, as in `Tables.results`.
        titles: of models by name.
    """
    metrics = [metric for metric in METRICS if metric in set(results["metric"])]
    lines = [
        "| model | " + " | ".join(metrics) + " | seeds | SD over seeds |",
        "|---|" + "---|" * len(metrics) + "---:|---|",
    ]
    for name, rows in results.groupby("model", sort=False):
        of = {row["metric"]: row for row in rows.to_dict("records")}
        cells = [f"{of[m]['value']:.3f} [{of[m]['low']:.3f}, {of[m]['high']:.3f}]" for m in metrics]
        seeds = of[metrics[0]]["seeds"]
        spread = ", ".join(f"{of[m]['sd']:.3f}" for m in metrics) if seeds > 1 else "–"
        lines.append(f"| {titles[str(name)]} | {' | '.join(cells)} | {seeds} | {spread} |")
    return "\n".join(lines)


def training_notes(cells: list[Cell]) -> list[str]:
    """What the trainings that are done did otherwise than their recipes say.

    Args:
        cells: that are done; late fusion, which is not trained, does not count.
    """
    runs, devices, precisions = 0, Counter[tuple[int, int]](), Counter[tuple[str, str]]()
    for cell in cells:
        if cell.is_late:
            continue
        runs += 1
        try:
            training = load(cell.folder).training
        except CheckpointError:  # only its predictions were kept
            continue
        optimiser = cell.recipe.optimiser
        if (processes := training.get("processes", 1)) > 1:
            devices[processes, optimiser.batch_size] += 1
        if (precision := training.get("precision", optimiser.precision)) != optimiser.precision:
            precisions[precision, optimiser.precision] += 1
    return [
        f"{number} of {runs} runs were split over {processes} devices: each step had "
        f"{processes * batch:,} utterances instead of {batch:,}."
        for (processes, batch), number in devices.items()
    ] + [
        f"{number} of {runs} runs were trained in the precision {used} instead of {wanted}."
        for (used, wanted), number in precisions.items()
    ]


def _how(experiment: Experiment, bootstrap: str, draws: int, tables: Tables) -> list[str]:
    protocol = experiment.protocol
    unit = "speakers (an utterance of unknown speaker by itself)"
    unit = unit if bootstrap == SPEAKERS else "utterances"
    notes = [
        "A figure is the mean over seeds; brackets hold its 95 % bootstrap interval over "
        f"{unit}, {draws:,} resamples, the same ones for all models. It says how sure the figure "
        "is for these trained models; the spread of training anew is the SD over seeds.",
        "p is the two-sided paired bootstrap test, corrected by Holm over the pairs of models of "
        "each test set and metric.",
    ]
    pairs = (
        tables.comparisons.value_counts(["set", "metric"]).max() if len(tables.comparisons) else 0
    )
    if (smallest := smallest_p(pairs, draws)) >= SIGNIFICANT:
        notes.append(
            f"These tables are interim: with {draws:,} resamples and {pairs} pairs of models, no p "
            f"can be smaller than {smallest:.3f}, whatever the difference."
        )
    if protocol.split == "leave_one_session_out":
        notes.append(
            "Leave one session out: dev is the next session, training the others; predictions of "
            f"the sessions {', '.join(tables.folds)} are pooled before they are measured."
        )
    speakers = tables.results["speakers"]
    if bootstrap == SPEAKERS and len(speakers) and 1 <= speakers.min() < FEW_SPEAKERS:
        notes.append(
            f"There are test sets of only {speakers.min()} known speakers: intervals over so few "
            "are too narrow, and p too small."
        )
    found = set(tables.results["metric"])
    metrics = [f"{name}: {text}" for name, text in METRICS.items() if name in found]
    return [*notes, "; ".join(metrics) + "."] if metrics else notes
