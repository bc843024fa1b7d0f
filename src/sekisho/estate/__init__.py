"""The estate: what the facility has, and what is judged: sites, departments, systems, links, vendors."""
