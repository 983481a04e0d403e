"""The only package that talks to clusters: connection, client, informer and the meaning of objects' statuses."""
