"""Which other systems are asked for their records? KoboToolbox and DHIS2; what they answer lies in the inbox like any other file.

`declared` reads data/connections.toml and finds the tokens, `http` asks, `kobo` and `dhis2` know what to ask and how it is written,
`pull` keeps it and remembers how far it came.
"""
