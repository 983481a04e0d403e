"""
Diagnosis of a node: the causes of its state, and fixes for them.

``checks`` are pure: values in, sentences out, each with the field of the object it comes from. :mod:`gather` reads the
objects that they need, :mod:`actions` has the verbs of people: diagnose, look at a fix, apply exactly that.
"""
