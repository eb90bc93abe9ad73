"""How do new files get into the figures?"""

from ui import blocks, loading, loading_door, loading_mapping, router

router.require()
blocks.question("load_data")
if loading_door.is_open():
    blocks.lead(loading.lead())
    token = loading.delivery()
    if loading.is_publishing():
        loading.progress()
    else:
        loading.outcome()
        loading.drop(token)
        seen = loading.examined(token)
        if seen is not None:
            loading.files(token, seen)
            loading_mapping.propose(token, seen)
            loading.rules(seen)
            loading.rows(seen)
            loading.publish(token, seen)
        loading.take_back()
