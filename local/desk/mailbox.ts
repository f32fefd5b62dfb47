import { html, raw } from 'hono/html'
import type { Mail } from '../runtime/mailbox.ts'
import { type Html, page } from './frame.ts'

/** In the time of this machine, which is its reader's. */
const clock = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
})

const sent = ({ at }: Mail): Html => html`<time datetime="${at}">${clock.format(new Date(at))}</time>`

const pathOf = ({ id }: Mail): string => `/desk/mailbox/${encodeURIComponent(id)}`

/** Every mail, as a mail program lists them. `opened` holds the ids of those that were read. */
export async function mailboxPage(mails: readonly Mail[], opened: ReadonlySet<string>): Promise<string> {
  const unread = mails.filter(({ id }) => !opened.has(id)).length
  return await page(
    '/desk/mailbox',
    'Mailbox',
    html`<section>
      <p class="soft">
        ${
          mails.length === 0
            ? 'No mail yet. What this machine sends comes here, and nowhere else.'
            : `Every mail that this machine sent, the newest first; none of them left it. ${String(unread)} unread.`
        }
      </p>
      ${mails.length === 0 ? '' : list(mails, opened)}
    </section>`,
  )
}

const list = (mails: readonly Mail[], opened: ReadonlySet<string>): Html =>
  html`<div class="scroll" role="region" aria-label="Mails" tabindex="0">
    <table class="stack mails">
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">Subject</th>
          <th scope="col">To</th>
          <th scope="col">Sent</th>
        </tr>
      </thead>
      <tbody>
        ${mails.map(
          (mail) =>
            html`<tr class="${opened.has(mail.id) ? '' : 'unread'}">
              <td>${mail.from}</td>
              <td>
                ${opened.has(mail.id) ? '' : html`<span class="unseen">Unread:</span>`}
                <a href="${pathOf(mail)}">${mail.subject}</a>
              </td>
              <td>${mail.to.join(', ')}</td>
              <td class="once">${sent(mail)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`

/**
 * A mail as a mail program shows it: the HTML in a frame in which nothing runs and into which nothing is fetched, or the
 * plain text. A link opens a tab of its own.
 */
export async function mailPage(mail: Mail, asText: boolean): Promise<string> {
  const text = asText || mail.html === undefined
  return await page(
    '/desk/mailbox',
    mail.subject,
    html`<p><a href="/desk/mailbox">All mails</a></p>
      <section>
        <dl>
          <dt>From</dt>
          <dd>${mail.from}</dd>
          <dt>To</dt>
          <dd>${mail.to.join(', ')}</dd>
          <dt>Sent</dt>
          <dd>${sent(mail)}</dd>
        </dl>
        <nav aria-label="How the mail is shown">
          ${way(pathOf(mail), 'As it looks', !text)} ${way(`${pathOf(mail)}/text`, 'Plain text', text)}
        </nav>
        ${text ? plain(mail.text ?? '') : framed(mail.html ?? '')}
      </section>`,
  )
}

const way = (href: string, words: string, here: boolean): Html =>
  html`<a href="${href}" ${here ? raw('aria-current="page"') : ''}>${words}</a>`

/** The frame has what the page's policy allows, style and nothing else: see `desk.ts`. */
const framed = (body: string): Html =>
  html`<iframe
    title="The mail"
    sandbox="allow-popups allow-popups-to-escape-sandbox"
    srcdoc="${body.replace('<head>', '<head><base target="_blank">')}"
  ></iframe>`

const address = /https?:\/\/\S+/

const plain = (text: string): Html =>
  html`<pre>
${text.split('\n').map((line) => {
      const url = address.exec(line)?.[0]
      return url === undefined
        ? html`${line}${'\n'}`
        : html`<a href="${url}" target="_blank" rel="noopener">${url}</a>${'\n'}`
    })}</pre>`
