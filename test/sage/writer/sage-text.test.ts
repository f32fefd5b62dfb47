import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutDescription, descriptionForSage, transliterate } from '../../../shared/domain/sage-text.ts'
import { runs } from '../../runs.ts'

describe('a text for Sage', () => {
  it.each([
    ['Béton coulé', 'Beton coule'],
    ['Größe Ärmel', 'Grosse Armel'],
    ['Ærø smørrebrød', 'AEro smorrebrod'],
    ['Łódź', 'Lodz'],
    ['2" pipe', "2' pipe"],
    ['“North” ‘lot’', "'North' 'lot'"],
    ['Phase 1 – site—works…', 'Phase 1 - site-works...'],
    ['90° bend, ½ inch', '90 deg bend, 1/2 inch'],
    ['10 × 4 m²', '10 x 4 m2'],
    ['Cost: 5 €', 'Cost: 5 EUR'],
    ['no\u00a0break', 'no break'],
    ['two\r\nlines', 'two lines'],
    ['tab\there', 'tab here'],
    ['bell\u0007and\u0000nul', 'bellandnul'],
    ['zero\u200bwidth\u202e', 'zerowidth'],
    ['コンクリート', '??????'],
    ['one \ud83d\ude00', 'one ?'],
    ['lone \ud800', 'lone ?'],
    ['＂wide＂', "'wide'"],
  ])('writes %j as %j and tells', (text, plain) => {
    expect(transliterate(text)).toEqual({ text: plain, changed: true })
  })

  it.each(['Cast-in-place concrete', '; no comment', 'ends with +', "Owner's, $5 & 10% #2", ''])(
    'leaves %j alone',
    (text) => {
      expect(transliterate(text)).toEqual({ text, changed: false })
    },
  )

  it('loses outer blanks without a word', () => {
    expect(transliterate('  Earthwork ')).toEqual({ text: 'Earthwork', changed: false })
  })

  it('is printable ASCII without double quotes, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(transliterate(text).text).toMatch(/^[ !#-~]*$/)
      }),
      { numRuns: runs(500, 20_000) },
    )
  })

  it('changes no more when it is written again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const once = transliterate(text).text
        expect(transliterate(once)).toEqual({ text: once, changed: false })
      }),
      { numRuns: runs(300, 10_000) },
    )
  })
})

describe('a description', () => {
  it('of the limit stays whole', () => {
    expect(cutDescription('x'.repeat(30), 30)).toEqual({ text: 'x'.repeat(30), cut: false })
  })

  it('one longer is cut, and tells', () => {
    expect(cutDescription('x'.repeat(31), 30)).toEqual({ text: 'x'.repeat(30), cut: true })
  })

  it('leaves no blank at the cut', () => {
    expect(cutDescription('abc def', 4)).toEqual({ text: 'abc', cut: true })
  })

  it('is measured after it was spelled out', () => {
    expect(descriptionForSage('ßß', 3)).toEqual({ text: 'sss', changed: true, cut: true })
  })
})
