"""Migrations, one module each: ``NNNN_title.py`` with ``up(db)``."""
