"""The number format that a run trains in: the recipe's, where this machine is fast at it."""

import torch


def trainable_precision(precision: str, accelerator: object = "auto") -> str:
    """`precision`, but `32-true` for bfloat16 on a CPU that has no instructions for it.

    There torch emulates bfloat16: forward and backward pass of a batch of the audio recipe took
    18 s on one core of such a CPU, and 1.6 s in float32.

    Args:
        precision: Lightning's, for example `bf16-mixed`.
        accelerator: Lightning's, for example `cpu` or `auto`.
    """
    on_cpu = accelerator == "cpu" or (
        accelerator == "auto" and not torch.accelerator.is_available()
    )
    capabilities = torch.cpu.get_capabilities()
    known = any("bf16" in name and supported for name, supported in capabilities.items())
    return "32-true" if precision.startswith("bf16") and on_cpu and not known else precision
