"""MongoDB: its collections (`documents.py` reads `documents/*.yaml`), and what is made of their definitions."""
