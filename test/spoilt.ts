import * as fc from 'fast-check'

const bytesThatHurt = ['\u0000', '\ufeff', '\r', '\n', ' ', '"', '\\', '%', '\u00e9', 'x'.repeat(5_000)]

/** A sample with a few of its pieces left out, put elsewhere or doubled, and others put in. */
export function spoilt(sample: Uint8Array, pieces: readonly string[]): fc.Arbitrary<Buffer> {
  const edit = fc.record({
    at: fc.nat({ max: sample.length }),
    without: fc.oneof(fc.constant(0), fc.nat({ max: 8 }), fc.nat({ max: sample.length })),
    from: fc.nat({ max: sample.length }),
    taken: fc.oneof(fc.constant(0), fc.nat({ max: 40 })),
    piece: fc.oneof(
      fc.constantFrom('', ...pieces, ...bytesThatHurt).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
    ),
  })
  return fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) =>
    edits.reduce((bytes, { at, without, from, taken, piece }) => {
      const moved = bytes.subarray(from, from + taken)
      return Buffer.concat([bytes.subarray(0, at), piece, moved, bytes.subarray(at + without)])
    }, Buffer.from(sample)),
  )
}
