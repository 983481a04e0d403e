"""Connection rules by what their wires carry; the table of all is :mod:`shared.workflows.wires.table`."""
