"""
Why a node is as it is, and what would put it right.

``checks`` are pure: values in, sentences out, each with the field of the object it comes from. :mod:`gather` reads what
they need, :mod:`actions` is what people do: diagnose, look at a fix, apply exactly that.
"""
