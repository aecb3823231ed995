"""The qualitative analysis: what each model does, and whom it follows."""
