"""A scored study as tables for others: an analysis data set in the manner of CDISC ADaM, and an import for REDCap."""
