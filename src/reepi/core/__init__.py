"""Words and values of the measurement: numpy only, opens no file."""
