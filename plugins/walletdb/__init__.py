"""The provider plugin `walletdb`: local servers, certificates and passwords as Pulumi resources.

A thin adapter: what a server is and how it is brought to a declared state is `localproc`'s.
"""
