"""The register of training bases: slots, tiers, hosts, evidence."""
