"""Connection rules by the contribution of their wires; the table of all is :mod:`shared.workflows.wires.table`."""
