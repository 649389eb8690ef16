"""What technologies and needs share: their life from draft to archive. No tables of its own."""
