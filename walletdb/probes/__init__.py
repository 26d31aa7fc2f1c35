"""One module for each kind of server: ask it something with a deadline; parse what it says in pure functions."""
