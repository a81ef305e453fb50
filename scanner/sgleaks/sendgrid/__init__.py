"""All that talks to SendGrid, and only where the user asked for it: ``api`` is the door, the others say what to ask."""
