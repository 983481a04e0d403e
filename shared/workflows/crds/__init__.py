"""CustomResourceDefinitions: forms made of their schemas, and their check of objects. Pure."""
