"""Files in and out: rosters, lists, exports, archives."""
