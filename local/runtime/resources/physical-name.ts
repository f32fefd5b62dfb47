import { createHash } from 'node:crypto'
import type { Place } from './resource-type.ts'

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The name a resource gets when its template gives none: stack and logical id, cut with a digest where the service allows less. */
export function physicalName({ stack, logicalId }: Place, longest: number): string {
  const name = `${stack}-${logicalId}`
  return name.length <= longest ? name : `${name.slice(0, longest - 9)}-${digest(name).slice(0, 8)}`
}

/** A short id made from the resource's place, the same at every start. */
export function physicalId({ id }: Place, length: number): string {
  return digest(id).slice(0, length)
}
