"""The log of the register: plain files in the public form C2SP tlog-tiles, written so that no power cut breaks them.

No Django in here: what it needs of the outside is a layer of files and a key.
"""
