"""What goes in and out of the exchange room: files in, files out."""
