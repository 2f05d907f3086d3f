"""Who hears about what by mail: what there is to hear of, who wants it, and how it leaves."""
