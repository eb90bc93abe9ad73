"""Did communes with the programme change more than those not yet covered?"""

from ui import blocks, effects, measures, router

router.require()
blocks.question("contribution")
metric = measures.choose(effects.words())
found = effects.found(metric)

blocks.lead(effects.lead(found))
effects.rests_on(found)

effects.picture(found)
effects.how(found)
effects.what_else()
blocks.link(kind="tertiary")
