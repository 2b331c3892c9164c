"""The box beside the hardware (边缘机): hears, keeps, and carries to the core what it heard."""
