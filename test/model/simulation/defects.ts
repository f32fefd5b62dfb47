// Defects for `npm run simulate:defects`; docs/reliability.md lists them with the seeds that found them.

/** One place of the product, spoilt. */
export interface Defect {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
}

export const defects: readonly Defect[] = [
  {
    name: 'a condition is dropped: whoever writes last wins',
    file: 'shared/store/commit.ts',
    from: "expression: '#sequence = :before'",
    to: "expression: 'attribute_exists(pk) OR #sequence = :before'",
  },
  {
    name: 'a row counts as delivered before it is',
    file: 'functions/relay/index.ts',
    from: 'const delivery = await deliver(outside, row)\n    await outbox.delivered(row)',
    to: 'await outbox.delivered(row)\n    const delivery = await deliver(outside, row)',
  },
  {
    name: 'a retrieve forgets the approval and its links',
    file: 'functions/api/commands.ts',
    from: 'approvals: [ended] }',
    to: 'approvals: [{ ...ended, outcome: undefined }] }',
  },
  {
    name: 'the order of the queue is trusted: any message may claim',
    file: 'shared/exporting/claim-part.ts',
    from: 'const refused = unlessUnderWay(head, number) ?? whyNot(open, part, wanted, head.erp)',
    to: 'const refused = undefined',
  },
  {
    name: 'an approval is signed with the version before',
    file: 'functions/cycle/send-to-erp.ts',
    from: 'version_hash: manifest,',
    to: 'version_hash: last?.hash ?? manifest,',
  },
  {
    name: 'a retry makes another export',
    file: 'functions/cycle/export-budget.ts',
    from: 'if (head.open_export === undefined) return await prepare(dependencies, standing)',
    to: "if (head.open_export === undefined || head.erp === 'export_failed') return await prepare(dependencies, standing)",
  },
  {
    name: 'the original is sent twice',
    file: 'shared/domain/ledger.ts',
    from: 'position === undefined || position.length === 0',
    to: 'position === undefined || position.length >= 0',
  },
  {
    name: 'amounts are rounded twice',
    file: 'shared/sage/estimate-file.ts',
    from: '  return formatCents(cents)',
    to: '  return formatCents((Math.round(cents / 10) * 10) as Cents)',
  },
  {
    name: 'the hashes of what was shown are not checked',
    file: 'shared/domain/decide.ts',
    from: 'shown.version_hash === approval.version_hash &&\n    shown.export_hash === approval.export_hash &&\n    totals(shown.parts) === totals(approval.parts)',
    to: 'true',
  },
  {
    name: 'a file is reported before it is written',
    file: 'functions/sage-connector/agent/deliver-part.ts',
    from: '  const placed = await placeOrTell(file, tries, fail)',
    to: '  await api.receipt(exportId, { part, attempt, sha256, where: path })\n  const placed = await placeOrTell(file, tries, fail)',
  },
  {
    name: 'a file is written without a claim',
    file: 'shared/exporting/claim-part.ts',
    from: 'parts: [claimed]',
    to: 'parts: [part]',
  },
  {
    name: 'an approval that is expired counts',
    file: 'shared/domain/lifecycle.ts',
    from: 'if (Date.parse(at) < Date.parse(until)) return undefined',
    to: 'if (Date.parse(at) < Date.parse(until) || at !== until) return undefined',
  },
]
