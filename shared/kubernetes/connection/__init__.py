"""How a cluster is reached: credentials, checked addresses, trust, requests one by one and in bulk."""
