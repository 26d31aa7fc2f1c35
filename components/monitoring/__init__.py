"""Monitoring: one list of what is watched and how (`metrics.py`), and one module for each service that watches."""
