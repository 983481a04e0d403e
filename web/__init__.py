"""The HTTP process: REST, streams, terminal, the built interface."""
