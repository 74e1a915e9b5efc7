"""A locker for files: uploads, downloads, ranges, archives and shared links."""
