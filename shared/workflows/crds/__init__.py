"""What a CustomResourceDefinition says: forms made of its schema, and its check of objects. Pure."""
