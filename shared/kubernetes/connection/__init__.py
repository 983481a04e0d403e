"""The way to a cluster: credentials, checked addresses, trust, requests one by one and in bulk."""
