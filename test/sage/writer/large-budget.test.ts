import { describe, expect, it } from 'vitest'
import { budgetCode } from '../../../shared/domain/budget-code.ts'
import { cents } from '../../../shared/domain/cents.ts'
import { entriesToExport, exportHash } from '../../../shared/domain/entries.ts'
import { writeEstimateFile } from '../../../shared/sage/estimate-file.ts'
import { line } from '../../domain/budget-draws.ts'
import { linesOf, originals } from './clinic.ts'

const types = ['L', 'M', 'S', 'EQ', 'OVH']
const lines = Array.from({ length: 50_000 }, (_, index) =>
  line(
    budgetCode(
      `X${String(index % 10)}`,
      `03-${String(1_000 + Math.floor(index / 50))}`,
      types[Math.floor(index / 10) % 5]!,
    ),
    cents(index + 1),
  ),
)
const descriptions = new Map(lines.map(({ code }) => [code.cost_code, `Béton ${code.cost_code}`]))

function exported(): Uint8Array {
  const parts = entriesToExport(lines, [])
  exportHash(parts)
  return writeEstimateFile({ ...originals, descriptions, entries: parts[0]!.entries }).bytes
}

describe('a budget of 50,000 lines', () => {
  it('becomes a file of 50,000 lines, comment, job and extra apart', () => {
    expect(linesOf(exported()).filter((record) => record.startsWith('"C"'))).toHaveLength(50_000)
  })
})
