"""Pulumi programs of the benchmark. The engine runs them; nothing imports them."""
