"""Maps of embeddings: reference sets, their projections, and where one clip lies among them.

reference = load(SHIPPED)                      # rows, vectors and coordinates of many clips
embedded = Embedder(analyzer).embed(clip, "I am so happy.")
found = place(reference.layers["multistage"], embedded.vectors["multistage"])
found.point("umap"), found.neighbours          # where it is drawn, and what it is really near

Distances mean something in the embedding; on a map only as far as `quality` says.
"""
