"""What would change on a cluster, and what of it needs consent; used by runs and diagnoses, and knows neither."""
