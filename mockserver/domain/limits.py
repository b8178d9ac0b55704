"""The numbers that the rules of the mock use.

Limits on what a request may contain (25 tags of 100 characters, 1000 items a page) stand in the
document; requests are validated by what is compiled from it.
"""

LARGE_GROUP = 300  # members; in a larger group no message moves anything (B5)
ACTIVE_TOKENS = 100  # of one user; the oldest beyond it are revoked (vendor's limits page)
PER_PAGE = 100  # a page unless the request says otherwise (readings B12)
RATE_PER_MINUTE = (
    20_000  # what X-Rate-Limit says (the vendor's page on rate limits, standard calls)
)

# What any client may send, to the API and to the control plane (readings T18).
BODY_BYTES = 1024 * 1024  # of a request; more is answered 413
WORLD_BYTES = 16 * BODY_BYTES  # of PUT /_mock/world, which takes back what GET /_mock/world gives
DRAINED_BYTES = 64 * BODY_BYTES  # read and dropped of a body that is too large, so that it is told
JSON_DEPTH = 100  # levels of lists and objects; orjson writes no more than 254
LIST_VALUES = 100  # of a list in a query
NUMBER_DIGITS = 18  # of a number in a path or query: every one fits into 64 bits
YAML_NODES = 500_000  # of a document
HEADER_BYTES = 64 * 1024  # the request line and all headers; the servers answer 431
# UNIX seconds that the clock and a world may have: the end of the year 4999. The documents' times
# end in 5138, and a clock runs on: every answer has times that its document knows.
LATEST_S = 95_617_583_999
JOURNAL_BYTES = 16 * 1024 * 1024  # of large bodies, all entries together
