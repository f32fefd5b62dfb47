/** Attribute and index names of the one table; the data stack deploys the same. */
export const tableKeys = { pk: 'pk', sk: 'sk', expires: 'expires' } as const

/**
 * Both indexes hold keys only: a write that leaves their keys alone costs no index write, and what a list shows is
 * read from the rows themselves.
 */
export const byState = { name: 'by_state', pk: 'state_pk', sk: 'state_at' } as const
export const byDue = { name: 'by_due', pk: 'due_pk', sk: 'due_at' } as const
