import type { Chart } from './bar.ts'

const [width, left, right, height, gap] = [760, 210, 110, 16, 14]
const top = 40
const shades = ['#1f5f8b', '#8aa9bf', '#c98b3c', '#7d7d7d']
const least = 0.02 // of the width: what a bar of the smallest value still shows

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** The chart as an SVG file, legible on white and on dark. */
export function svgOf({ title, groups }: Chart): string {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value)).filter((value) => value > 0)
  const [smallest, largest] = [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))]
  const widthOf = (value: number): number =>
    value <= 0
      ? 0
      : (width - left - right) *
        (least + (1 - least) * ((Math.log10(value) - smallest) / (largest - smallest || 1)))
  let y = top
  const drawn = groups.flatMap(({ name, bars }) => {
    const heading = `<text x="0" y="${String(y + 12)}" font-weight="bold">${escaped(name)}</text>`
    y += 20
    const rows = bars.map((bar, i) => {
      const at = y + i * (height + 4)
      const wide = widthOf(bar.value)
      return [
        `<text x="${String(left - 8)}" y="${String(at + 12)}" text-anchor="end">${escaped(bar.name)}</text>`,
        `<rect x="${String(left)}" y="${String(at)}" width="${wide.toFixed(1)}" height="${String(height)}" fill="${shades[i % shades.length] ?? ''}"/>`,
        `<text x="${(left + wide + 6).toFixed(1)}" y="${String(at + 12)}">${escaped(bar.shown)}</text>`,
      ].join('')
    })
    y += bars.length * (height + 4) + gap
    return [heading, ...rows]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(width)} ${String(y)}" role="img" aria-label="${escaped(title)}">`,
    `<rect width="${String(width)}" height="${String(y)}" fill="#ffffff"/>`,
    `<g font-family="system-ui, sans-serif" font-size="12" fill="#222222">`,
    `<text x="0" y="16" font-size="14">${escaped(title)} (logarithmic scale)</text>`,
    ...drawn,
    '</g></svg>',
    '',
  ].join('\n')
}
