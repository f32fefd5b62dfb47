import * as z from 'zod'
import type { Client } from './client.ts'

/** Sage company of these checks: its files are taken from the API, so that no agent is needed. */
export const sage = 'deployment-check'

const Lists = z.looseObject({ jobs: z.array(z.looseObject({ job: z.string() })) })

// Each run has a job of its own, since a job belongs to one project; those of earlier runs make room in time.
const mostJobs = 20

const costCodes = { '03-3000': 'Concrete', '06-1000': 'Carpentry' }

/** Sets the Sage company up where it is not there yet, and puts the job of this run into its lists. */
export async function setUpSage(client: Client, job: string, description: string): Promise<void> {
  const there = await client.ask('company_admin', 'GET', `/company/sage/${sage}`)
  if (there.status === 404)
    await client.send('company_admin', 'PUT', `/company/sage/${sage}`, {
      matching: '/company/sage',
      body: {
        name: 'Check of the deployment',
        // No two Sage companies of a deployment have one folder.
        folder: `CHECK ${job}`,
        connector: 'file_drop',
        time_zone: 'America/Chicago',
        entry_date_window: { before: 30, after: 30 },
      },
    })
  const stored = await client.ask('company_admin', 'GET', `/erp/master_data/${sage}`)
  const earlier = stored.status === 404 ? [] : Lists.parse(stored.json).jobs.slice(1 - mostJobs)
  await client.send('company_admin', 'PUT', `/erp/master_data/${sage}`, {
    body: {
      as_of: new Date().toISOString(),
      jobs: [...earlier, { job, description, closed: false, original_finalized: false }],
      cost_codes: Object.entries(costCodes).map(([cost_code, name]) => ({
        cost_code,
        description: name,
        group: false,
        closed: false,
      })),
      categories: ['S', 'L'].map((category) => ({
        category,
        description: category,
        accumulate_as: category,
      })),
      extras: [],
    },
  })
}
