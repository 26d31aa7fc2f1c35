"""What a machine gives to the servers on it: a process supervisor and the cluster's key-value store."""
