"""Networks: what they are, what they learn from, how they are trained, measured, stored and run. torch lives here."""
