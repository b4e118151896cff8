"""Every state within a scope, visited breadth first on the real office, driver and disks."""
