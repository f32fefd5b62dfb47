import type { Item } from './expressions.ts'

/** Items by their keys, and those of each partition by themselves: a query looks through one of them. */
export class Partitions extends Map<string, Item> {
  readonly #partitions = new Map<string, Map<string, Item>>()

  /** The items of one partition. */
  of(pk: string | undefined): Iterable<Item> {
    return this.#partitions.get(pk ?? '')?.values() ?? []
  }

  override set(key: string, item: Item): this {
    const pk = item['pk']?.S ?? ''
    this.#partitions.set(pk, (this.#partitions.get(pk) ?? new Map<string, Item>()).set(key, item))
    return super.set(key, item)
  }

  override delete(key: string): boolean {
    this.#partitions.get(this.get(key)?.['pk']?.S ?? '')?.delete(key)
    return super.delete(key)
  }

  override clear(): void {
    this.#partitions.clear()
    super.clear()
  }
}
