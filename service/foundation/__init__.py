"""What every room stands on and no room owns: records, refusals, money, language, clock, jobs."""
