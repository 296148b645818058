"""From surface maps to numbers: areas, visits, healing, severity, endpoints and their intervals. Pure throughout."""
