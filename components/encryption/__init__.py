"""Certificates for every hop."""
