"""The five models of the paper, a reference, and their checkpoints."""
