"""Measurements of the engine: quality, speed, and the fit of the shipped weights."""
