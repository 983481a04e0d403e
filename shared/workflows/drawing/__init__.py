"""The drawing: graphs, conditions on them, contributions of wires, and issues. Pure."""
