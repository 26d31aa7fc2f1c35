"""Pulumi provider plugins of this project, one package each, over the shared `plugins.base`."""
