"""What was found of the shipped models, as Markdown: `docs/findings.md`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ser_core.behaviour.finding import Finding
from ser_core.behaviour.findings_file import made_by, read
from ser_core.behaviour.layers import COMPARED, what_layers_encode
from ser_core.behaviour.shipped import FINDINGS
from ser_core.errors import SerError
from ser_core.maps.reference import load
from ser_core.models.checkpoint import Checkpoint

_CAVEAT = (
    "Demonstration models, trained on acted speech with constructed pairs of words and voice: what "
    "is found here holds for them and these test sets, and for no other model or recording. "
    "In brackets 95 % intervals."
)
_DETAIL = ("_by_category", "_by_dimension")  # ends of keys of what the page alone shows
_SECTIONS = {
    "follow": "Whom the models follow, words or voice",
    "acts": "By dialogue act",
}
_GROUPS = ("sex", "pitch", "language", "accent", "by_", "sentiment")


def document(folder: Path, models: Mapping[str, Checkpoint]) -> str:
    """The whole text.

    Args:
        folder: with the findings of `ser behave --parquet` and a reference set of `ser map`.
        models: that these must be of, by name.

    Raises:
        SerError: there are no findings or no reference set, or a model has changed since.
    """
    file = folder / FINDINGS
    found, reference = read(file), load(folder)
    for made in (made_by(file), reference.models):
        changed = [name for name, one in models.items() if made.get(name) != one.digest]
        if changed:
            raise SerError(
                f"{', '.join(changed)} changed since the findings were made: make the predictions, "
                "the reference set and the findings anew (`ser evaluate`, `ser map`, `ser behave`)."
            )
    digests = ", ".join(f"{name} `{one.digest[:12]}`" for name, one in models.items())
    parts = [
        "# Findings",
        "Made by `ser findings --out docs/findings.md` from `checkpoints/reference`, which "
        "`ser behave` and `ser map` write; made anew after every training. Models: "
        + digests
        + ".",
        _CAVEAT,
        *_layers(what_layers_encode(reference)),
    ]
    for part, title in _SECTIONS.items():
        chosen = [f for f in found if f.part == part and not f.key.endswith(_DETAIL)]
        parts += [f"## {title}", *(text for one in chosen for text in _finding(one))] * bool(chosen)
    parts += _battery([one for one in found if one.part == "battery"])
    return "\n\n".join(parts) + "\n"


def _layers(table: pd.DataFrame) -> Iterator[str]:
    yield "## Which layers encode the speaker rather than the emotion"
    speaker = table[table["difference_low"] > 0]
    emotion = table[table["difference_high"] < 0]
    doubtful = table[~table.index.isin([*speaker.index, *emotion.index])]
    said = [
        f"{what} {', '.join(f'`{name}`' for name in rows['layer'])}."
        for what, rows in (
            ("The speaker more than the emotion:", speaker),
            ("The emotion more than the speaker:", emotion),
            ("Neither clearly more:", doubtful),
        )
        if len(rows)
    ]
    if len(table):
        most = table.iloc[int(table["difference"].to_numpy().argmax())]
        said.append(
            f"The largest difference is {_told(most, 'difference')}, in `{most['layer']}`, where "
            f"speakers reach {_told(most, 'speaker')} and categories {_told(most, 'category')}."
        )
    yield " ".join(said)
    yield (
        "Of a clip's ten nearest neighbours in a layer, the share with its own speaker or category "
        "beyond that of random neighbours: 0 is chance, 1 only its own. Intervals are over "
        f"speakers; {table['n'].max() if len(table) else 0} acted clips with a category. It does "
        "not say what a later layer can still read off."
    )
    names = (*COMPARED, "difference")
    rows = [
        [f"`{one['layer']}`", *(_told(one, name) for name in names)] for _, one in table.iterrows()
    ]
    yield _markdown(["layer", *names], rows)


def _told(row: Mapping[Any, Any] | pd.Series, name: str) -> str:
    return _interval(row[name], row[f"{name}_low"], row[f"{name}_high"])


def _interval(value: float, low: float, high: float) -> str:
    if not np.isfinite(value):
        return "–"
    return f"{value:.2f}" + (f" [{low:.2f}, {high:.2f}]" if np.isfinite(low) else "")


def _finding(one: Finding) -> Iterator[str]:
    yield f"### {one.question}"
    yield one.shows
    models = list(dict.fromkeys(one.table["model"]))
    cells = {
        (of["case"], of["model"]): _interval(of["value"], of["low"], of["high"])
        for of in one.table.to_dict("records")
    }
    cases = list(dict.fromkeys(one.table["case"]))
    rows = [[str(case), *(cells.get((case, model), "–") for model in models)] for case in cases]
    yield _markdown([one.measure or "case", *map(str, models)], rows)
    yield " ".join([f"Not shown: {one.not_shown}", *one.notes])


def _battery(findings: Sequence[Finding]) -> Iterator[str]:
    tests = [one for one in findings if one.tested]
    if not tests:
        return
    yield "## Passed and failed"
    models = list(dict.fromkeys(str(name) for one in tests for name in one.table["model"]))
    yield (
        "Public tests of the behaviour of speech emotion recognition (the categories and limits of "
        "audEERING's ser-tests, made anew), cases passed of those with enough examples."
    )
    rows = [
        [one.question, *(_counted(one.table[one.table["model"] == name]) for name in models)]
        for one in tests
    ]
    yield _markdown(["test", *models], rows)
    groups = [one for one in tests if one.key.removeprefix("battery_").startswith(_GROUPS)]
    sound = [one for one in tests if one.key.endswith(("_unchanged", "_change"))]
    for title, chosen in (("Fairness", groups), ("Robustness", sound)):
        if chosen:
            yield f"### {title}: the failure of each model that is farthest from its limit"
            yield _failures(chosen)
            said = dict.fromkeys(
                sentence for one in chosen for sentence in (one.not_shown, *one.notes)
            )
            yield "\n".join(f"- {sentence}" for sentence in said)
    for one in findings:
        if not one.tested:
            yield f"Not asked: {one.shows}"


def _counted(table: pd.DataFrame) -> str:
    told = [bool(one) for one in table["passed"] if pd.notna(one)]
    return f"{sum(told)} of {len(told)}" if told else "–"


def _failures(tests: Sequence[Finding]) -> str:
    rows = []
    for one in tests:
        failed = one.table[[pd.notna(of) and not of for of in one.table["passed"]]]
        below, above = failed["lower"] - failed["value"], failed["value"] - failed["upper"]
        beyond = np.fmax(below.to_numpy(float), above.to_numpy(float))
        place = failed["model"].map({name: k for k, name in enumerate(one.table["model"].unique())})
        ordered = failed.assign(place=place, beyond=-beyond).sort_values(["place", "beyond"])
        for worst in ordered.drop_duplicates("model").to_dict("records"):
            case = f"{worst['case']} ({worst['part']})" if worst["part"] else worst["case"]
            figure = _interval(worst["value"], worst["low"], worst["high"])
            random = "–" if np.isnan(worst["random"]) else f"{worst['random']:.2f}"
            rows.append([one.question, worst["model"], case, figure, worst["limit"], random])
    head = ["test", "model", "case", "figure", "limit", "random model"]
    return _markdown(head, rows) if rows else "None."


def _markdown(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
