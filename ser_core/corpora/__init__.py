"""Corpus readers, each `root -> Corpus`, and constructed pairs."""
