"""Notices, objections, approvals, payouts and statements."""
