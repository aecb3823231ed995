"""The training log: one row an epoch, as CSV and as a plot, kept over a resumed run."""

from pathlib import Path
from typing import Any

import lightning as L
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots


class EpochLog(L.Callback):
    """Writes `log.csv` and `log.html` into a folder after each epoch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[dict[str, float]] = []

    def state_dict(self) -> dict[str, Any]:
        """Goes into Lightning's checkpoint, so that a resumed run continues the log."""
        return {"rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""
        self.rows = list(state_dict["rows"])

    def on_validation_epoch_end(self, trainer: L.Trainer, _module: L.LightningModule) -> None:
        """Collect the dev metrics; Lightning validates before it ends the training epoch."""
        if trainer.sanity_checking:
            return
        metrics = {k: float(v) for k, v in trainer.callback_metrics.items()}
        self.rows = [row for row in self.rows if row["epoch"] != trainer.current_epoch]
        self.rows.append({"epoch": trainer.current_epoch, **metrics})

    def on_train_epoch_end(self, trainer: L.Trainer, _module: L.LightningModule) -> None:
        """Add the training losses and write both files."""
        if trainer.is_global_zero:
            measured = bool(self.rows) and self.rows[-1]["epoch"] == trainer.current_epoch
            if not measured:
                self.rows.append({"epoch": trainer.current_epoch})
            for name, value in trainer.callback_metrics.items():
                if measured or name.startswith("train/"):  # else dev metrics are of an older epoch
                    self.rows[-1][name] = float(value)
            self.folder.mkdir(parents=True, exist_ok=True)
            table = pd.DataFrame(self.rows)
            table.to_csv(self.folder / "log.csv", index=False, float_format="%.5f")
            curves(table).write_html(self.folder / "log.html", include_plotlyjs="directory")


def curves(log: pd.DataFrame) -> go.Figure:
    """Training losses above, dev metrics below, over the epochs."""
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    for column in log.columns.drop("epoch"):
        figure.add_trace(
            go.Scatter(x=log["epoch"], y=log[column], name=column),
            row=1 if column.startswith("train/") else 2,
            col=1,
        )
    figure.update_yaxes(title_text="loss", row=1)
    figure.update_yaxes(title_text="dev", row=2)
    figure.update_xaxes(title_text="epoch", row=2)
    return figure
