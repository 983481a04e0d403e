"""The only package that talks to clusters: connection, client, informer and what an object's status means."""
