import { Instant, SageCompanyId } from '../shared/domain/ids.ts'
import type { LineItem } from '../shared/domain/line-item.ts'
import { type MasterData, type SageCompany, sageLimits } from '../shared/domain/sage-company.ts'

export const job = '24-1007'

/** The Sage company that large budgets go to; nothing of theirs is unknown to it. */
export const sageCompany: SageCompany = {
  id: SageCompanyId.parse('nw-main'),
  name: 'Northwind Builders',
  folder: 'NORTHWIND',
  connector: 'agent',
  posters: [],
  time_zone: 'America/Los_Angeles',
  date_order: 'MMDDYYYY',
  comment_character: ';',
  jobs_may_be_created: false,
  extras_may_be_created: false,
  cost_codes_may_be_created: false,
  entry_date_window: { before: 30, after: 30 },
  limits: sageLimits,
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].filter((text) => text !== '')

/** Master data in which every code of the lines exists, as read at that moment. */
export function masterDataFor(lines: readonly LineItem[], as_of: Instant): MasterData {
  const standing = { closed: false }
  return {
    as_of,
    jobs: [{ job, description: 'Riverside Clinic', ...standing, original_finalized: false }],
    cost_codes: distinct(lines.map(({ code }) => code.cost_code)).map((cost_code) => ({
      cost_code,
      description: `Work of ${cost_code}`,
      group: false,
      ...standing,
    })),
    categories: distinct(lines.map(({ code }) => code.cost_type)).map((category) => ({
      category,
      description: category,
      accumulate_as: category,
    })),
    extras: distinct(lines.map(({ code }) => code.sub_job)).map((extra) => ({
      job,
      extra,
      description: `Building ${extra}`,
      ...standing,
    })),
  }
}
