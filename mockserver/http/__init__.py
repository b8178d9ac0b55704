"""What goes over the wire: requests judged by the document, answers checked against it."""
