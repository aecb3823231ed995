"""Training by recipes, on Lightning."""
