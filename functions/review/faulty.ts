import { html } from 'hono/html'
import type { Refusal } from '../../shared/domain/refusal.ts'
import type { Html } from '../../shared/pages/frame.ts'

/** Ties the field that a refusal names to its message. */
export const faulty = (fault: Refusal | undefined, pointer: string): Html | '' =>
  fault?.places?.some((place) => place.pointer === pointer) === true
    ? html`aria-invalid="true" aria-describedby="fault"`
    : ''
