import { carryOut } from '../../shared/cycle/carry-out.ts'
import { type Dependencies, onLambda } from '../../shared/cycle/dependencies.ts'
import { mails, peopleWith, postersOf } from '../../shared/cycle/mails.ts'
import { stepUnderWay } from '../../shared/domain/budget-head.ts'

/** The connector failed, or the check at export found something: keeps it visible and tells those who can act. */
export const exportFailed = (dependencies: Dependencies, input: unknown) =>
  carryOut(dependencies, input, async ({ key, head, at, day300, task }) => {
    const { store, companies } = dependencies
    const open = head.open_export === undefined ? undefined : await store.export(key, head.open_export)
    const approval = await store.approval(key, stepUnderWay(head))
    const people = await companies.people(key.company)
    const sage = open && (await companies.sageCompany(key.company, open.sage_company))
    const accepted = approval?.decisions.map(({ person }) => person) ?? []
    const to = [...accepted, ...postersOf(people, sage), ...peopleWith(people, 'operator')]
    const about = open === undefined ? {} : { export: { number: open.number, part: open.current_part } }
    return {
      commit: {
        head: { ...head, erp: 'export_failed', erp_since: at },
        history: [
          {
            event: 'export_failed',
            by: 'system',
            detail: { export: open?.number ?? 0, attempt: open?.attempt ?? 0 },
          },
        ],
        outbox: mails(
          'export_failed',
          to,
          `c${String(task.cycle)}-r${String(task.run)}-${String(task.step)}`,
          about,
        ),
      },
      output: { outcome: 'export_failed', until: day300 },
    }
  })

export const handler = onLambda(exportFailed)
