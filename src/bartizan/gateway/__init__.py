"""Gateway: the doors of a Request, and the control process beside the gateway process."""
