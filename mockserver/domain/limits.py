"""The numbers the mock's own rules use.

Limits on what a request may hold (25 tags of 100 characters, 1000 a page) are not here: they stand
in the document, and requests are judged by what is compiled from it.
"""

CROWD = 300  # a group with more members than this no longer moves (overview page, Key behaviors)
PER_PAGE = 100  # a page unless the request says otherwise (readings B12)
RATE_PER_MINUTE = (
    20_000  # what X-Rate-Limit says (the vendor's page on rate limits, standard calls)
)
