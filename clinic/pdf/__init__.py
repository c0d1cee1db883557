"""Paper: documents, words, tables and drawings as PDF. The ground of every report and letter; knows nothing of what they say.

It imports reportlab, so whatever makes a PDF imports this package inside the function that needs it.
"""
