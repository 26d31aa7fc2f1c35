"""PostgreSQL: what any substrate gives (`cluster.py`), the substrates, and what is the same on all of them."""
