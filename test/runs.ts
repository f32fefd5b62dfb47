/** How often a property is tried: `small` in every run, `long` where LONG is set. */
export const runs = (small: number, long: number): number => (process.env['LONG'] ? long : small)
