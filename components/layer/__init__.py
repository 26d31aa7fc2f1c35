"""The whole database layer, one module a substrate."""
