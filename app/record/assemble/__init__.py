"""From records to the frozen Trace: ids, values, labels and sizes."""
