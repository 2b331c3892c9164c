"""How is a particular caller to be treated (来电人规则)? Marks, limits and recusals, as reviewed data."""
