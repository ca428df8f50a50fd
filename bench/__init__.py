"""Measurements; run.py is the way in."""
