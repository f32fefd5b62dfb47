/** What was not to happen, by its number. */
export class Violated extends Error {
  override readonly name = 'Violated'
}
