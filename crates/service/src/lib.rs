//! What every server shares: listener to server, health, reflection, logs, limits, shutdown, errors.
