"""Documents and results for comparisons and reports, and what judges their form."""
