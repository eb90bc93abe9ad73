"""Which rows of marts.scored_criteria may be told one by one?"""

TOLD = """(
    select scored.*
    from marts.scored_criteria as scored
    where
        scored.is_shown
        and not exists (
            select 1
            from privacy.hidden_cells as cell
            where
                cell.fact = 'scores'
                and cell.attribute = ''
                and cell.topic = scored.category
                and cell.place_level = 'commune'
                and cell.place_code = scored.commune_code
                and cell.period = 'quarter'
                and list_contains(scored.quarters, cell.period_start)
                and cell.service_code = coalesce(scored.facility_type, '')
        )
)"""  # SQL: every meeting had ten people or more, and no cell of the lattice that the row's meetings stand in is hidden
