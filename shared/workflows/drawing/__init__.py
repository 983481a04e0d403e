"""What people draw: graphs, conditions on them, what wires contribute, and what is wrong with them. Pure."""
