"""The local Kubernetes: a control plane, and a real or a simulated node."""
