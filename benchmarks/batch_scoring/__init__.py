"""What the benchmarks of batch scoring share: studies, processes that are watched, and what reepi is held against."""
