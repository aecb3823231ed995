import pkgutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from ser_core import maps
from ser_core.maps.layers import WORDS, Embedder, list_layers
from ser_core.maps.own import fit_umap_apart
from ser_core.maps.projection import place, place_row
from ser_core.maps.reference import ReferenceSet, load
from ser_core.maps.sources import RowSource
from ser_core.maps.umap_fit import fit_umap


def test_layers_are_what_the_networks_give(source: RowSource, embedder: Embedder) -> None:
    item = source.items[0]
    clip, words = item.load(), "I am so happy."
    found = embedder.embed(clip, words)
    analyzer = embedder.analyzer
    assert set(found.vectors) == set(list_layers(analyzer.models))
    for name in ("text", "audio", "single_stage", "multistage"):
        checkpoint = analyzer.models[name]
        output = analyzer.forward(checkpoint, analyzer.inputs(checkpoint, clip, words))
        assert found.vectors[name].tobytes() == output.embedding[0].numpy().tobytes()
    assert found.vectors[WORDS].tobytes() == analyzer.encode(words).embedding.tobytes()
    late = found.predictions["late"]
    assert found.vectors["late"].tolist() == pytest.approx(
        [*late.probabilities.values(), *late.dimensions.values()], abs=1e-6
    )
    # A block is the mean over time and bands of what it gives, words and all.
    other = embedder.embed(clip, "I hate this!")
    changed = {name for name in found.vectors if (found.vectors[name] != other.vectors[name]).any()}
    reads = {info.name for info in list_layers(analyzer.models).values() if info.reads}
    assert changed == reads
    assert "multistage.block1" not in reads  # in this model the words enter at block 2
    assert "multistage.block3" in reads


def test_without_words_what_reads_only_words_is_missing(
    source: RowSource, embedder: Embedder
) -> None:
    found = embedder.embed(source.items[0].load(), None)
    assert set(list_layers(embedder.analyzer.models)) - set(found.vectors) == {"text", WORDS}
    assert "text" not in found.predictions
    assert found.predictions["late"].probabilities == found.predictions["audio"].probabilities


def test_a_clip_of_the_set_lands_on_its_own_point(
    reference: ReferenceSet, source: RowSource, embedder: Embedder
) -> None:
    embedded = Embedder(embedder.analyzer)  # computed anew
    for row in (0, 7, len(source.items) - 5):
        item = source.items[row]
        vectors = embedded.embed(item.load(), item.words or None).vectors
        for name, vector in vectors.items():
            layer = reference.layers[name]
            own = layer.on_map("pca")[row]
            for placed in (place(layer, vector), place_row(layer, row)):
                assert placed is not None
                assert placed.coordinates["pca"].tobytes() == own.tobytes(), name
                assert placed.distances[0] == 0
                assert layer.points[placed.rows[0]] == layer.points[row]


def test_placing_moves_no_point(reference: ReferenceSet) -> None:
    layer = reference.layers["multistage"]
    before = (layer.vectors.tobytes(), layer.on_map("pca").tobytes())
    random = np.random.default_rng(0)
    for _ in range(5):
        placed = place(layer, random.standard_normal(layer.kept.size).astype(np.float32))
        placed.coordinates["pca"][:] = 99
    place_row(layer, 3).coordinates["pca"][:] = 99  # type: ignore[union-attr]
    assert (layer.vectors.tobytes(), layer.on_map("pca").tobytes()) == before


def test_by_umap_a_clip_stands_among_its_neighbours(reference: ReferenceSet) -> None:
    layer = reference.layers["multistage"]
    points = np.random.default_rng(1).standard_normal((len(layer.vectors), 2)).astype(np.float32)
    layer = replace(layer, coordinates=layer.coordinates | {"umap": points})
    vector = np.random.default_rng(2).standard_normal(layer.kept.size).astype(np.float32)
    placed = place(layer, vector)
    weights = 1 / placed.distances
    near = layer.on_map("umap")[placed.rows].astype(float)
    expected = sum(w * p for w, p in zip(weights, near, strict=True)) / sum(weights)
    assert placed.coordinates["umap"] == pytest.approx(expected, abs=1e-5)
    exact = place_row(layer, 5)
    assert exact is not None
    assert exact.coordinates["umap"].tobytes() == layer.on_map("umap")[5].tobytes()


def test_no_server_imports_umap() -> None:
    names = [f"ser_core.maps.{module.name}" for module in pkgutil.iter_modules(maps.__path__)]
    assert "ser_core.maps.own" in names
    code = f"import sys, {', '.join(names)}; print('umap' in sys.modules, 'numba' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False"]


def test_umap_is_the_same_each_time(reference: ReferenceSet) -> None:
    first, second = (fit_umap(reference, ["audio"]).layers["audio"] for _ in range(2))
    assert first.coordinates["umap"].tobytes() == second.coordinates["umap"].tobytes()
    assert 0.5 < first.trust["umap"] <= 1
    assert "umap" not in fit_umap(reference, ["audio"]).layers["text"].coordinates


def test_a_cancelled_umap_ends_its_process(reference: ReferenceSet) -> None:
    class EndedError(Exception):
        pass

    def end(done: float) -> None:
        raise EndedError

    with pytest.raises(EndedError):
        fit_umap_apart(reference, end)


class TestShipped:
    """The set beside the shipped models."""

    @pytest.fixture(scope="class")
    def shipped(self) -> ReferenceSet:
        from ser_core.maps.reference import SHIPPED

        return load(SHIPPED)

    def test_its_figures_are_those_of_its_points(self, shipped: ReferenceSet) -> None:
        from ser_core.maps.making import measure_purity, measured

        for name in ("multistage", "late"):
            layer = shipped.layers[name]
            again = measured(layer).trust
            assert again == pytest.approx(layer.trust, abs=1e-9)
            purity = measure_purity(layer.vectors, layer.points, shipped.rows)
            for column, found in purity.items():
                assert found.value == pytest.approx(layer.purity[column].value, abs=1e-3)
                assert found.random == pytest.approx(layer.purity[column].random, abs=1e-12)

    def test_it_is_of_the_shipped_models(self, shipped: ReferenceSet) -> None:
        from ser_core.analysis import CHECKPOINTS
        from ser_core.models.registry import discover

        digests = {name: one.digest for name, one in discover(CHECKPOINTS).items()}
        assert shipped.fits(digests) == list(digests)

    def test_distances_are_kept(self, shipped: ReferenceSet) -> None:
        for layer in shipped.layers.values():
            assert layer.kept.distances > 0.999
            assert layer.kept.neighbours > 0.95
            assert set(layer.coordinates) == {"pca", "umap"}
