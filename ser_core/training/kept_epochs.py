"""The epochs that a training keeps on disk."""

from pathlib import Path
from typing import Any

from lightning.pytorch.callbacks import ModelCheckpoint


class KeptEpoch(ModelCheckpoint):
    """Lightning's ModelCheckpoint for a folder that may be moved while a training is stopped.

    Lightning takes the best epoch so far for lost when the folder has another path than it had.
    """

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """What was kept is in today's folder, under the names that it had."""

        def here(path: str) -> str:
            return str(Path(str(self.dirpath)) / Path(path).name) if path else path

        paths = ("best_model_path", "kth_best_model_path", "last_model_path")
        super().load_state_dict(
            {
                **state_dict,
                "dirpath": self.dirpath,
                "best_k_models": {here(p): s for p, s in state_dict["best_k_models"].items()},
                **{name: here(state_dict[name]) for name in paths},
            }
        )
