import { createHash, randomBytes } from 'node:crypto'
import { type ProjectKey, Sha256, type Sha256 as Sha256Type } from '../domain/ids.ts'
import { Secret } from '../domain/secret.ts'
import type { CompanyStore, Link } from '../store/company-store.ts'

/** 256 random bits, base64url: 43 characters that open one page and nothing else. */
const referenceForm = /^[A-Za-z0-9_-]{43}$/

/** The hash under which a reference is stored; undefined for what cannot be one. */
export const referenceHash = (reference: Secret): Sha256Type | undefined =>
  referenceForm.test(reference.open())
    ? Sha256.parse(createHash('sha256').update(reference.open()).digest('hex'))
    : undefined

/**
 * Builds an address that opens a page without a sign-in. The reference is made here, put in the mail, and forgotten:
 * only its hash is stored, so that a reader of the table cannot follow it (ADR 0004).
 */
export async function makeLink(
  companies: Pick<CompanyStore, 'putLink'>,
  publicUrl: string,
  link: Link,
): Promise<Secret> {
  const reference = new Secret(randomBytes(32).toString('base64url'))
  const hash = referenceHash(reference)
  if (hash === undefined) throw new Error('a fresh reference has the form of a reference')
  await companies.putLink(hash, link)
  return new Secret(`${publicUrl}/${link.kind}/${reference.open()}`)
}

/** The job's page on the board. It holds no secret: whoever follows it signs in. */
export const boardAddress = (publicUrl: string, { company, project }: ProjectKey): string =>
  `${publicUrl}/board/jobs/${project}?company=${company}`
