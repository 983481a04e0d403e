"""Plans of changes on a cluster, and the consent that they need; used by runs and diagnoses, and knows neither."""
