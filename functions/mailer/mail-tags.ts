import * as z from 'zod'
import { CompanyId, ProjectId, type ProjectKey } from '../../shared/domain/ids.ts'

/** What SES gives back with everything it tells of a mail: values of letters, digits, `_` and `-`, 256 at most. */
export const MailTags = z.object({
  company: CompanyId,
  project: ProjectId,
  /** The mail's id in base64url: ids hold slashes. */
  mail: z.base64url(),
})

export const mailTags = ({ company, project }: ProjectKey, { id }: { readonly id: string }) => ({
  company,
  project,
  mail: Buffer.from(id).toString('base64url'),
})

export const mailIdOf = ({ mail }: z.infer<typeof MailTags>): string =>
  Buffer.from(mail, 'base64url').toString()
