"""`ser models`, `ser evaluate`, `ser select`: checkpoints, their results, the best of seeds."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ser_core.cli.console import echo_json
from ser_core.cli.options import CORPORA, Checkpoints, Data, Models, names, readable
from ser_core.errors import SerError


@readable
def models(
    name: Annotated[
        str, typer.Argument(help="One model, to see everything about it.", show_default=False)
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    checkpoints: Checkpoints = None,
) -> None:
    """List the checkpoints; of one, also architecture, training data and all measured results."""
    from ser_core.analysis import default_checkpoints
    from ser_core.evaluation.cards import summary
    from ser_core.evaluation.model_list import as_table, to_dict
    from ser_core.models.describe import describe
    from ser_core.models.registry import choose, discover

    found = discover(checkpoints or default_checkpoints())
    chosen = choose(found, [name] if name else None)
    if as_json:
        values = [to_dict(one) for one in chosen]
        echo_json(json.dumps(values[0] if name else values, indent=2, ensure_ascii=False))
    elif name:
        typer.echo(f"{chosen[0].name}: {chosen[0].title}")
        for line in (describe(chosen[0]), *summary(chosen[0])):
            typer.echo(f"  {line}")
    else:
        typer.echo(as_table(chosen))


@readable
def evaluate(
    data: Data = CORPORA,
    models: Models = "",
    split: Annotated[str, typer.Option(help="test or dev.")] = "test",
    csv: Annotated[Path | None, typer.Option(help="Also write the long table here.")] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="Also write every prediction here, .parquet or .csv: see Evaluation."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write test results into configs and cards.")
    ] = False,
    seeds: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of the same models of another seed; their spread is added."),
    ] = None,
    checkpoints: Checkpoints = None,
) -> None:
    """Measure the models: UAR, macro-F1, calibration and CCC, with 95 % intervals."""
    from ser_core.analysis import default_checkpoints
    from ser_core.evaluation.cards import side_by_side, write_cards
    from ser_core.evaluation.collect import predict_checkpoints
    from ser_core.evaluation.measured import evaluate_predictions
    from ser_core.evaluation.prediction_table import write as write_table
    from ser_core.evaluation.report import evaluate_checkpoints
    from ser_core.evaluation.seeds import spread
    from ser_core.models.registry import discover

    if write and split != "test":
        raise SerError("Only test results go into the cards: leave --split out.")
    if write and models:
        raise SerError("The cards hold the results of all models: leave --models out.")
    root = checkpoints or default_checkpoints()[0]
    if predictions:
        found = predict_checkpoints(discover(root), data, split, names(models))
        write_table(found, predictions)
        report = evaluate_predictions(found)
    else:
        report = evaluate_checkpoints(discover(root), data, split, names(models))
    runs = [evaluate_checkpoints(discover(s), data, split, names(models)) for s in seeds or ()]
    over_seeds = spread([run.results for run in runs]) if runs else None
    typer.echo(side_by_side(report, over_seeds))
    if csv:
        csv.parent.mkdir(parents=True, exist_ok=True)
        report.results.to_csv(csv, index=False)
    if write:
        write_cards(root, report, over_seeds)


@readable
def select_best(
    runs: Annotated[list[Path], typer.Argument(help="Folders of the same models, one a seed.")],
    out: Annotated[Path, typer.Option(help="Folder of checkpoints to write to.")],
) -> None:
    """Of several seeds, copy each model's best on dev into a folder of checkpoints."""
    from ser_core.evaluation.seeds import select

    for checkpoint in select(runs, out).values():
        typer.echo(f"{checkpoint.name}: {checkpoint.folder}")


@readable
def measure_familiarity(
    data: Data = CORPORA,
    models: Models = "",
    checkpoints: Checkpoints = None,
) -> None:
    """Measure what sounds the models know from training, so that they tell of strange ones."""
    from ser_core.analysis import default_checkpoints
    from ser_core.models.registry import choose, discover
    from ser_core.training.familiarity import add_familiarity

    found = discover(checkpoints or default_checkpoints())
    for checkpoint in choose(found, names(models)):
        heard = add_familiarity(checkpoint, data)
        typer.echo(f"{checkpoint.name}: {'measured' if heard else 'hears nothing by itself'}")


@readable
def choose_late(
    data: Data = CORPORA,
    model: Annotated[str, typer.Option(help="The late fusion.")] = "late",
    rows: Annotated[int, typer.Option(help="Rules to print, the best first.")] = 10,
    checkpoints: Checkpoints = None,
) -> None:
    """Try late fusion's rules on dev: pairs, own sentences, neutral and strongly worded texts."""
    import pandas as pd

    from ser_core.analysis import default_checkpoints
    from ser_core.evaluation.late_choice import choose_rule
    from ser_core.models.registry import choose, discover

    found = discover(checkpoints or default_checkpoints())
    (late,) = choose(found, [model])
    table = choose_rule(found, late, data)
    plain = table["pooling"].eq("mean") & table["neutral"].eq(0.5) & table["others"].eq(0.5)
    shown = pd.concat([table.head(rows), table[plain].head(1)])
    typer.echo(shown.drop(columns="rule").to_string(index=False, float_format="{:.3f}".format))
    rule = table["rule"][0]
    typer.echo(
        f'\npooling = "{rule.pooling}"\ncategory_weights = {list(rule.categories)}\n'
        f"category_bias = {list(rule.bias)}\nsmoothing = {rule.smoothing}\n"
        f"sharpness = {rule.sharpness}\ndimension_weights = {list(rule.dimensions)}"
    )
