import * as z from 'zod'

const httpUrl = z.url({ protocol: /^https?$/ })

/** Every variable a function of ours may be given; each function picks its own: `Environment.pick({ TABLE: true })`. */
export const Environment = z.object({
  STAGE: z.string().min(1),
  TABLE: z.string().min(3),
  BUCKET: z.string().min(3),
  MAIL_QUEUE_URL: httpUrl,
  SAGE_EVENTS_QUEUE_URL: httpUrl,
  EVENT_BUS_NAME: z.string().min(1),
  STATE_MACHINE_ARN: z.string().startsWith('arn:'),
  /** Where links in mails point to, without a slash at the end. */
  PUBLIC_URL: httpUrl.regex(/[^/]$/),
  /** The one claim of the sign-in token that lists `<company>:<role>`; Cognito's groups by default. */
  ROLE_CLAIM: z.string().min(1).default('cognito:groups'),
  /** Who signs the tokens of people, as they name it. */
  ISSUER: httpUrl,
  /** The issuer's client as which people sign in on pages. */
  CLIENT_ID: z.string().min(1),
})

/**
 * The environment as a function needs it, parsed once when the function starts.
 * Throws with the names of what is missing or malformed, never with a value.
 */
export function readEnvironment<Wanted extends z.ZodType>(
  wanted: Wanted,
  from: Readonly<Record<string, string | undefined>> = process.env,
): z.output<Wanted> {
  const parsed = wanted.safeParse(from)
  if (parsed.success) return parsed.data
  const names = parsed.error.issues.map((issue) => issue.path.join('.'))
  throw new Error(`The environment lacks, or holds malformed: ${[...new Set(names)].join(', ')}`)
}
