"""What does each measure mean?"""

from text import t
from ui import blocks, glossary, router

router.require()
blocks.question("definitions")
blocks.lead(t("glossary.lead"))
word = glossary.search()
sections = (glossary.measures, glossary.false_alarms, glossary.dimensions, glossary.rules, glossary.columns)
found = [section(word) for section in sections]
if not any(found):
    glossary.nothing(word)
blocks.link(kind="tertiary")
