"""`course bench gateway`: what an answer costs, against the same server saying hello and against a replay tool."""
