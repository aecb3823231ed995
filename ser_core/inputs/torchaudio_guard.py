"""Import torchaudio even where its compiled extension cannot load.

The torchaudio wheel carries a CUDA extension. Beside a CPU-only torch (OSError) or a torch of
another CUDA version (RuntimeError) `import torchaudio` fails, and takes `transformers` with it.
What this project uses of it (transforms, functional) is pure torch, so the import is tried again
with a stand-in extension that says "not available". Import this module before `transformers`.
"""

import sys
import types
from typing import Any

__all__ = ["import_torchaudio", "torchaudio"]


def _without_extension(*_args: Any, **_kwargs: Any) -> Any:
    raise RuntimeError(
        "This torchaudio function needs torchaudio's compiled extension, which does not fit the "
        "installed torch."
    )


def _stand_in() -> types.ModuleType:
    extension = types.ModuleType("torchaudio._extension")
    extension._IS_TORCHAUDIO_EXT_AVAILABLE = False  # type: ignore[attr-defined]
    extension._IS_ALIGN_AVAILABLE = False  # type: ignore[attr-defined]
    extension.fail_if_no_align = lambda _function: _without_extension  # type: ignore[attr-defined]
    extension._check_cuda_version = lambda: None  # type: ignore[attr-defined]
    return extension


def import_torchaudio() -> types.ModuleType:
    """Return torchaudio, with its extension where that loads and without it elsewhere."""
    try:
        import torchaudio
    except (OSError, RuntimeError):
        for name in [n for n in sys.modules if n.split(".")[0] == "torchaudio"]:
            del sys.modules[name]
        sys.modules["torchaudio._extension"] = _stand_in()
        import torchaudio
    module: types.ModuleType = torchaudio
    return module


torchaudio = import_torchaudio()
