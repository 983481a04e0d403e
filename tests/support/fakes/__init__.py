"""Small stand-ins for stores and updates in unit tests; tests/functional compares them with the real ones."""
