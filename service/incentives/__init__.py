"""Plans, agreements, revenue events and their balanced accruals."""
