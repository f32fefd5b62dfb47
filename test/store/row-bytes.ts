/** Bytes of an item as DynamoDB counts them for write units: names in UTF-8, and each value by its type. */
export const rowBytes = (row: Readonly<Record<string, unknown>>): number =>
  Object.entries(row)
    .filter(([, value]) => value !== undefined)
    .reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0)

function valueBytes(value: unknown): number {
  if (value === null || typeof value === 'boolean') return 1
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (value instanceof Uint8Array) return value.length
  // One byte for two significant digits, one for the exponent, one for a sign.
  if (typeof value === 'number')
    return Math.ceil(String(Math.abs(value)).replace(/0+$/, '').length / 2) + 1 + (value < 0 ? 1 : 0)
  // Three bytes for a list or map, one for each member.
  if (Array.isArray(value)) return 3 + value.reduce<number>((sum, item) => sum + 1 + valueBytes(item), 0)
  return 3 + Object.keys(value as object).length + rowBytes(value as Record<string, unknown>)
}
