"""What the project needs before it has an environment of its own: standard library only."""
