"""The record of one session, made from its log alone: what the page shows and the PDF prints."""
