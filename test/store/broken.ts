import { expect } from 'vitest'

/** An error of the store whose cause holds this. */
export const broken = (cause: string): Error =>
  expect.objectContaining({
    name: 'Broken.Store',
    message: expect.stringContaining(cause) as string,
  }) as Error
