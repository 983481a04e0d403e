"""The checks, one module per thing that can be wrong. Pure: a scene in, checks out."""
