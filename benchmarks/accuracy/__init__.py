"""How many departures from the document the suite finds, and how often it is wrong."""
