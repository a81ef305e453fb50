"""What files say of one subject: mail, DNS, the account, requests, where secrets are kept. Rules share it."""
