import pytest
import torch

from ser_core.training.precision import trainable_precision

BF16 = {"avx2": True, "avx512_bf16": True, "amx_bf16": False}
NONE = {"avx2": True, "avx512_bf16": False, "amx_bf16": False}


@pytest.mark.parametrize(
    ("capabilities", "precision", "expected"),
    [
        (BF16, "bf16-mixed", "bf16-mixed"),
        (NONE, "bf16-mixed", "32-true"),
        (NONE, "bf16-true", "32-true"),
        (NONE, "32-true", "32-true"),
    ],
)
def test_bfloat16_needs_a_cpu_that_has_it(
    capabilities: dict[str, bool], precision: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert trainable_precision(precision, "cpu") == expected


def test_other_accelerators_decide_for_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: NONE)
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    assert trainable_precision("bf16-mixed", "gpu") == "bf16-mixed"
    assert trainable_precision("bf16-mixed", "auto") == "bf16-mixed"
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)
    assert trainable_precision("bf16-mixed", "auto") == "32-true"
