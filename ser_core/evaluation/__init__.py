"""Metrics with confidence intervals, test sets, reports and model cards."""
