"""Stand-ins for AFAS Profit and Mailchimp over real HTTP, for the demo, for training and for tests.

They keep state, refuse what the vendors refuse, and refuse louder what they were not taught. They import nothing of
the package that they stand opposite to.
"""
