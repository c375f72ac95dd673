"""Where bytes meet sockets: the only part of the emulator that does I/O or awaits."""
