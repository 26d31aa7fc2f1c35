"""Passwords of database logins where services look them up."""
