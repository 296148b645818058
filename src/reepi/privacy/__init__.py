"""Study folders that may leave the hospital: no metadata, no names, shifted dates, hidden eyes."""
