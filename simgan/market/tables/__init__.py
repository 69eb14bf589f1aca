"""Text files of prices: from bytes to lines, from a header to a layout, from rows to dates and prices."""
