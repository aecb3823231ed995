import subprocess
import sys
from pathlib import Path

import pytest
from fixtures import micro_recipe

from ser_core.errors import RecipeError, SerError
from ser_core.training.lock import sole_trainer
from ser_core.training.run import train

HOLDER = """
import sys, time
from pathlib import Path
from ser_core.training.lock import sole_trainer
with sole_trainer(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_another_command_is_told_to_wait_and_a_killed_one_leaves_the_folder_free(
    micro_corpora: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "text" / "training"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RecipeError, match=r"is training in .*training: wait for it"):
            train(micro_recipe("text"), micro_corpora, tmp_path, accelerator="cpu", devices=1)
        assert [file.name for file in folder.iterdir()] == [".lock"]
    finally:
        holder.kill()
        holder.wait()
    train(micro_recipe("text"), micro_corpora, tmp_path, accelerator="cpu", devices=1)
    assert (tmp_path / "text" / "model.safetensors").exists()


def test_a_training_that_fails_leaves_the_folder_free(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), sole_trainer(tmp_path):
        raise ZeroDivisionError
    with sole_trainer(tmp_path):
        pass


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 300)
    with pytest.raises(SerError, match="cannot be written to"), sole_trainer(folder):
        pass
