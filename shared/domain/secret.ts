import { inspect } from 'node:util'
import * as z from 'zod'

const mask = '[secret]'

/**
 * A text that whoever holds it can act with: the token of a wait, the reference of a link, a code. Logged, joined to
 * another text or written as JSON it is a mask; `open` gives it to the one who needs it.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  open(): string {
    return this.#text
  }

  toString(): string {
    return mask
  }

  toJSON(): string {
    return mask
  }

  [inspect.custom](): string {
    return mask
  }
}

/** Reads a text as one. */
export const SecretText = z.string().transform((text) => new Secret(text))
