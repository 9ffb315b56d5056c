"""The item bank: questions kept secret until they are sat."""
