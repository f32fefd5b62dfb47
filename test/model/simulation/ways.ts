/**
 * Every way that the state of a budget may go in one write (domain: commands), as `<edit> <erp>: <edit> <erp>, ...`.
 * Another one is a violation.
 */
const table = `
  : unlocked not_sent
  unlocked not_sent: locked not_sent
  locked not_sent: unlocked not_sent, locked sent
  locked sent: locked accepted, locked retrieved, locked expired, unlocked rejected
  locked retrieved: locked sent, unlocked retrieved
  unlocked retrieved: locked retrieved
  locked expired: locked sent, unlocked expired
  unlocked expired: locked expired
  unlocked rejected: locked rejected
  locked rejected: locked sent, unlocked rejected
  locked accepted: locked exporting, locked export_failed
  locked exporting: locked exported, locked export_failed
  locked export_failed: locked exporting, locked accepted, unlocked rejected, locked synced, locked update_pending
  locked exported: locked exporting, locked partly_posted, locked mismatch, locked synced, locked update_pending, unlocked rejected
  locked partly_posted: locked exporting, locked exported, locked mismatch, locked synced, locked update_pending, unlocked rejected
  locked mismatch: locked exporting, locked exported, locked partly_posted, locked synced, locked update_pending, unlocked rejected
  locked synced: unlocked synced, locked update_pending, locked sent
  unlocked synced: locked synced, unlocked update_pending
  unlocked update_pending: locked update_pending, unlocked synced
  locked update_pending: unlocked update_pending, locked sent, locked synced
`

export const ways: ReadonlySet<string> = new Set(
  table
    .trim()
    .split('\n')
    .flatMap((row) => {
      const [from = '', to = ''] = row.split(':')
      return to.split(',').map((each) => `${from.trim()} -> ${each.trim()}`)
    }),
)
