"""The register (記録簿): every access, decision, approval and change, in one order, for good."""
