const day = 86_400_000

/** Milliseconds of so many days. */
export const days = (count: number): number => count * day
export const second = 1_000
