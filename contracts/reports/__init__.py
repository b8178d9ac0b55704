"""Reports: each format reads the one result document, and nothing else."""
