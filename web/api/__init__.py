"""Routes, one module per noun: parse, authorise, one action, present."""
