import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exportId, ExportId } from '../../shared/domain/export-id.ts'
import { runs } from '../runs.ts'

test('an export’s id gives its project and number back, whatever dashes the project holds', () => {
  const project = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/)
  fc.assert(
    fc.property(project, fc.integer({ min: 1, max: 99_999 }), (of, number) => {
      expect(ExportId.parse(exportId(of, number))).toEqual({ project: of, number })
    }),
    { numRuns: runs(100, 2_000) },
  )
})

test.each(['clinic', 'clinic-e0', 'clinic-e01', '-e1', 'clinic-e100000'])('%s is no export', (id) => {
  expect(ExportId.safeParse(id).success).toBe(false)
})
