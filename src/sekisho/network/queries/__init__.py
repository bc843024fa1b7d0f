"""Looking: at the network, at answers, at configuration files. Nothing here judges, nothing here writes."""
