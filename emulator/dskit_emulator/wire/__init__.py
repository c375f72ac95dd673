"""The wire: addresses, signatures, framing and the codec. Pure functions of bytes and values, no I/O, no storage."""
