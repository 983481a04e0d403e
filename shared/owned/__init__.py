"""Objects that workflows own on clusters: written by runs, read by runs, watchers and diagnoses."""
