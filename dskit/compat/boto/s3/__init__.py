"""boto.s3: connections, buckets, keys and ACLs."""
