"""Progress of the parts of a work."""

from ser_core.explain.progress import Progress


def part_of(progress: Progress | None, start: float, share: float) -> Progress:
    """Progress of a part of a work, told as that of the whole.

    Args:
        progress: of the whole; None where nobody listens.
        start, share: where the part begins, and how much it is.
    """

    def report(done: float) -> None:
        if progress is not None:
            progress(start + share * done)

    return report
