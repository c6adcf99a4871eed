# Files of plans/.
