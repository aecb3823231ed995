"""Whole tables of results: several models, seeds and folds of a corpus, under one protocol."""
