import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { Secret } from '../domain/secret.ts'

/** A mail as its parts, which read the same as plain text and with images off. */
export interface Letter {
  readonly subject: string
  readonly parts: readonly LetterPart[]
}

export type LetterPart =
  | { readonly kind: 'text'; readonly text: string }
  /** What must not be overlooked, such as which box to tick. */
  | { readonly kind: 'loud'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [label: string, value: string])[] }
  | { readonly kind: 'steps'; readonly steps: readonly string[] }
  | { readonly kind: 'link'; readonly label: string; readonly url: Secret }

export const text = (words: string): LetterPart => ({ kind: 'text', text: words })
export const loud = (words: string): LetterPart => ({ kind: 'loud', text: words })
export const facts = (...pairs: readonly (readonly [string, string])[]): LetterPart => ({
  kind: 'facts',
  facts: pairs,
})
export const steps = (...each: readonly string[]): LetterPart => ({ kind: 'steps', steps: each })
export const link = (label: string, url: Secret): LetterPart => ({ kind: 'link', label, url })

// Line breaks, other control characters and bidirectional marks could forge a header or turn a name around.
const unprintable = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu

/** One line of harmless text, for subjects, and for what people typed. */
export const oneLine = (words: string): string => words.replaceAll(unprintable, ' ').trim()

export function letterAsText({ parts }: Letter): string {
  return `${parts.map(partAsText).join('\n\n')}\n`
}

function partAsText(part: LetterPart): string {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'loud':
      return `*** ${part.text} ***`
    case 'facts': {
      const widest = Math.max(...part.facts.map(([label]) => label.length))
      return part.facts.map(([label, value]) => `${`${label}:`.padEnd(widest + 2)}${value}`).join('\n')
    }
    case 'steps':
      return part.steps.map((step, i) => `${String(i + 1)}. ${step}`).join('\n')
    case 'link':
      return `${part.label}:\n${part.url.open()}`
  }
}

const font = 'font-family:Segoe UI,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;color:#1b2733'
const button =
  'display:inline-block;padding:12px 20px;background:#0b5cab;color:#ffffff;text-decoration:none;border-radius:6px;font-weight:600'
const loudStyle =
  'padding:12px 16px;border:3px solid #7a2e00;border-radius:6px;background:#fff6ec;font-size:20px;font-weight:700'

export async function letterAsHtml({ subject, parts }: Letter): Promise<string> {
  const body = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${subject}</title>
      </head>
      <body style="margin:0;background:#f3f5f7">
        <div style="max-width:640px;margin:0 auto;padding:24px;background:#ffffff;${font}">
          ${parts.map(partAsHtml)}
        </div>
      </body>
    </html>`
  return body.toString()
}

function partAsHtml(part: LetterPart): HtmlEscapedString | Promise<HtmlEscapedString> {
  switch (part.kind) {
    case 'text':
      return html`<p style="margin:0 0 16px">${part.text}</p>`
    case 'loud':
      return html`<p style="margin:0 0 16px;${loudStyle}">${part.text}</p>`
    case 'facts':
      return html`<table role="presentation" style="margin:0 0 16px;border-collapse:collapse">
        ${part.facts.map(
          ([label, value]) =>
            html`<tr>
              <td style="padding:4px 16px 4px 0;color:#4a5a6a;vertical-align:top;white-space:nowrap">
                ${label}
              </td>
              <td style="padding:4px 0;font-weight:600;vertical-align:top;overflow-wrap:anywhere">
                ${value}
              </td>
            </tr>`,
        )}
      </table>`
    case 'steps':
      return html`<ol style="margin:0 0 16px;padding-left:24px">
        ${part.steps.map((step) => html`<li style="margin:0 0 8px">${step}</li>`)}
      </ol>`
    case 'link':
      return html`<p style="margin:0 0 8px">
          <a href="${part.url.open()}" style="${button}">${part.label}</a>
        </p>
        <p style="margin:0 0 16px;font-size:13px;color:#4a5a6a;word-break:break-all">
          If the button does not work, open this address: ${part.url.open()}
        </p>`
  }
}
