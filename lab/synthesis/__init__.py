"""Questions from passages: written by a teacher or cut out of the text, filtered, counted, and open to correction."""
