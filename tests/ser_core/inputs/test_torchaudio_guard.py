"""torchaudio is imported whether its compiled extension loads or not, in fresh processes."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch

from ser_core.inputs.features import log_mel
from ser_core.inputs.torchaudio_guard import torchaudio

ROOT = Path(__file__).parents[3]


def run(code: str, *folders: Path) -> str:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, [*folders, ROOT]))}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


EXTENSIONS = {
    "fine": "_IS_TORCHAUDIO_EXT_AVAILABLE = True",
    "beside a CPU-only torch": "raise OSError('Could not load this library')",
    "beside another CUDA": "raise RuntimeError('Detected that PyTorch and TorchAudio differ')",
    "broken otherwise": "raise ImportError('Failed to load libtorchaudio')",
}


def small_torchaudio(folder: Path, extension: str) -> Path:
    package = folder / "torchaudio"
    package.mkdir()
    (package / "__init__.py").write_text("from . import _extension\nfrom .later import available\n")
    (package / "_extension.py").write_text(extension)
    (package / "later.py").write_text(
        "from ._extension import _IS_TORCHAUDIO_EXT_AVAILABLE as available\n"
    )
    return folder


@pytest.mark.parametrize(
    ("case", "available"),
    [("fine", "True"), ("beside a CPU-only torch", "False"), ("beside another CUDA", "False")],
)
def test_with_and_without_the_extension(case: str, available: str, tmp_path: Path) -> None:
    code = "from ser_core.inputs.torchaudio_guard import torchaudio; print(torchaudio.available)"
    assert run(code, small_torchaudio(tmp_path, EXTENSIONS[case])) == available


def test_other_failures_are_not_hidden(tmp_path: Path) -> None:
    folder = small_torchaudio(tmp_path, EXTENSIONS["broken otherwise"])
    with pytest.raises(AssertionError, match="Failed to load libtorchaudio"):
        run("import ser_core.inputs.torchaudio_guard", folder)


REAL_WITHOUT_EXTENSION = """
    import importlib.abc, importlib.machinery, sys

    class Broken(importlib.abc.MetaPathFinder, importlib.abc.Loader):
        tried = 0

        def find_spec(self, name, path=None, target=None):
            if name == "torchaudio._extension":
                return importlib.machinery.ModuleSpec(name, self)

        def create_module(self, spec):
            Broken.tried += 1
            raise {error}

        def exec_module(self, module):
            pass

    sys.meta_path.insert(0, Broken())
    import numpy as np
    from ser_core.inputs.features import log_mel
    from ser_core.inputs.torchaudio_guard import torchaudio
    import torch

    assert Broken.tried == 1
    samples = np.load({samples!r})
    resampled = torchaudio.functional.resample(torch.from_numpy(samples), 3, 2).numpy()
    np.savez({out!r}, log_mel=log_mel(samples).numpy(), resampled=resampled)
    try:
        torchaudio.functional.forced_align(torch.zeros(1, 2, 3), torch.ones(1, 1))
    except RuntimeError as error:
        assert "compiled extension" in str(error), error
    else:
        raise AssertionError("forced_align needs the extension")
    {more}
"""


@pytest.mark.parametrize(
    ("error", "more"),
    [
        ("OSError('Could not load this library')", "from transformers import AutoModel"),
        ("RuntimeError('CUDA versions differ')", ""),
    ],
)
def test_real_torchaudio_gives_the_same_numbers_without_its_extension(
    error: str, more: str, tmp_path: Path
) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32)
    np.save(tmp_path / "samples.npy", samples)
    out = tmp_path / "out.npz"
    run(
        REAL_WITHOUT_EXTENSION.format(
            error=error, more=more, samples=str(tmp_path / "samples.npy"), out=str(out)
        )
    )
    with np.load(out) as found:
        np.testing.assert_allclose(found["log_mel"], log_mel(samples).numpy(), atol=1e-4)
        expected = torchaudio.functional.resample(torch.from_numpy(samples), 3, 2).numpy()
        np.testing.assert_allclose(found["resampled"], expected, atol=1e-6)
