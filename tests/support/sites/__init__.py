"""Sites of other frameworks, each with Headway under `/jobs`, as docs/operating.md says."""
