"""The Pulumi components of the database layer, composed in `layer.py`."""
