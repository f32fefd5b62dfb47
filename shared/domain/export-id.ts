import * as z from 'zod'
import { ProjectId } from './ids.ts'

/** `bridge-e3`: how people and Sage's files name an export. */
export const exportId = (project: string, number: number): string => `${project}-e${String(number)}`

/**
 * Project and number of an export's id; project ids may hold dashes, so the last `-e<digits>` is the number, of the five digits that
 * its key has. */
export const ExportId = z
  .string()
  .regex(/-e[1-9]\d{0,4}$/)
  .transform((id) => {
    const dash = id.lastIndexOf('-e')
    return { project: id.slice(0, dash), number: Number(id.slice(dash + 2)) }
  })
  .pipe(z.object({ project: ProjectId, number: z.int() }))
