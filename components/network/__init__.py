"""The network: what databases are in, who reaches them, and how they reach the services of the cloud."""
