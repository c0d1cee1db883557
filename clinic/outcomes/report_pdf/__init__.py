"""The dashboard on paper, for whoever must show it: text and vector drawings of what the dashboard prints, computed nowhere else.

It imports reportlab: whoever makes a report imports this package inside the function that needs it.
"""
