/** Order of the eight digits of a date; the workstation's *Tools > Options > Date Format*, sage-connector.md L9 and L10. */
export const dateOrders = ['MDY', 'DMY', 'YMD'] as const
export type DateOrder = (typeof dateOrders)[number]

const layouts: Record<DateOrder, RegExp> = {
  MDY: /^(?<month>\d\d)(?<day>\d\d)(?<year>\d{4})$/,
  DMY: /^(?<day>\d\d)(?<month>\d\d)(?<year>\d{4})$/,
  YMD: /^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)$/,
}

/** Eight digits to `YYYY-MM-DD`, or null where they name no day in that order. */
export function readDate(text: string, order: DateOrder): string | null {
  const parts = layouts[order].exec(text)?.groups
  if (!parts) return null
  const day = `${parts['year'] ?? ''}-${parts['month'] ?? ''}-${parts['day'] ?? ''}`
  return isDay(day) ? day : null
}

/** Is `YYYY-MM-DD` a day of the calendar? 2025-02-29 is not. */
export function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`)
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
  )
}
