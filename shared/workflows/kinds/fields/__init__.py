"""Fields that node types share: pods, containers, volumes, scheduling, and the types of single values."""
