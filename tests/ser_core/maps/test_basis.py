import numpy as np
import pytest

from ser_core.maps.basis import fit_basis, measure_kept


def vectors(rows: int, size: int, rank: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    found = random.standard_normal((rows, rank)) * np.arange(rank, 0, -1)
    return (found @ random.standard_normal((rank, size)) + 3).astype(np.float32)


def test_reduced_vectors_are_the_principal_components() -> None:
    from sklearn.decomposition import PCA

    of = vectors(80, 30, 12)
    reduced = fit_basis(of).reduce(of).astype(float)
    expected = PCA(5).fit_transform(of)
    for mine, theirs in zip(reduced.T[:5], expected.T, strict=True):
        assert abs(np.corrcoef(mine, theirs)[0, 1]) > 0.9999
        assert mine.std() == pytest.approx(theirs.std(), rel=0.01)


def test_one_vector_gets_the_same_bits_alone_as_among_others() -> None:
    of = vectors(70, 200, 60)
    basis = fit_basis(of)
    together = basis.reduce(of)
    for row in range(len(of)):
        assert basis.reduce(of[row : row + 1])[0].tobytes() == together[row].tobytes()


def test_what_is_kept_is_measured() -> None:
    low, high = vectors(400, 300, 10), vectors(400, 300, 300)
    kept = measure_kept(low, fit_basis(low).reduce(low))
    assert kept.variance > 0.999
    assert kept.distances > 0.9999
    assert kept.neighbours > 0.99
    spread = np.random.default_rng(0).standard_normal(high.shape).astype(np.float32)
    basis = fit_basis(spread)
    lost = measure_kept(spread, basis.reduce(spread))
    assert len(basis.components) == 160  # no few components hold this
    assert lost.variance < 0.9
    assert lost.neighbours < 0.9


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_few_clips_make_a_map_of_two_axes(rows: int) -> None:
    of = vectors(rows, 8, 4)
    reduced = fit_basis(of).reduce(of)
    assert reduced.shape == (rows, 2)
    assert np.isfinite(reduced).all()
    assert measure_kept(of, reduced).neighbours >= 0
