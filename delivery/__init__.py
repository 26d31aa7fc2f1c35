"""From what the engine prints to what people read: comments on pull requests, issues about drift, saved plans.

Standard library only: it runs before any environment exists, also in a job that has nothing but this folder.
"""
