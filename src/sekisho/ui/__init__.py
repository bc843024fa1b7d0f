"""The face of the platform: page shell, building blocks, forms, dates on screen, navigation.

It knows no other app: pages come from the registry, and what a block shows is handed to it.
"""
