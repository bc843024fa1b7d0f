"""How the logs of other systems are read: CSV, syslog, audit messages. Pure."""
