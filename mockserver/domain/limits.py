"""The numbers that the rules of the mock use.

Limits on what a request may contain (25 tags of 100 characters, 1000 items a page) stand in the
document; requests are validated by what is compiled from it.
"""

LARGE_GROUP = 300  # members; in a larger group no message moves anything (B5)
PER_PAGE = 100  # a page unless the request says otherwise (readings B12)
RATE_PER_MINUTE = (
    20_000  # what X-Rate-Limit says (the vendor's page on rate limits, standard calls)
)
