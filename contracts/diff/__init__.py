"""Compare two versions of the document, or two results."""
