"""Pure decisions of the credentials room: who may be issued what, what a certificate says, how its state may change."""
