import { html } from 'hono/html'
import type { Mail } from '../runtime/mailbox.ts'
import { page } from './frame.ts'

const when = (mail: Mail): string => mail.at.replace('T', ' ').slice(0, 19)

export async function mailboxPage(mails: readonly Mail[]): Promise<string> {
  return await page(
    '/desk/mailbox',
    'Mailbox',
    html`<section>
      <p class="soft">Every mail that this machine sent, the newest first. None of them left it.</p>
      <div class="scroll" role="region" aria-label="Mails" tabindex="0">
        <table class="stack">
          <thead>
            <tr>
              <th scope="col">To</th>
              <th scope="col">Subject</th>
              <th scope="col">Sent (UTC)</th>
            </tr>
          </thead>
          <tbody>
            ${mails.map(
              (mail) =>
                html`<tr>
                  <td data-label="To">${mail.to.join(', ')}</td>
                  <td><a href="/desk/mailbox/${encodeURIComponent(mail.id)}">${mail.subject}</a></td>
                  <td class="once" data-label="Sent (UTC)">${when(mail)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </section>`,
  )
}

const address = /https?:\/\/\S+/

/** A mail as a mail program shows it: the plain text with its links, and the HTML in a frame where nothing runs. */
export async function mailPage(mail: Mail): Promise<string> {
  const lines = (mail.text ?? '').split('\n')
  const shown = lines.map((line) => {
    const url = address.exec(line)?.[0]
    return url === undefined ? html`${line}${'\n'}` : html`<a href="${url}">${url}</a>${'\n'}`
  })
  return await page(
    '/desk/mailbox',
    mail.subject,
    html`<section>
        <p class="soft">From ${mail.from} to ${mail.to.join(', ')}, ${when(mail)} UTC</p>
        <iframe
          title="The mail as a mail program shows it"
          sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
          srcdoc="${(mail.html ?? '').replace('<head>', '<head><base target="_top">')}"
        ></iframe>
      </section>
      <section>
        <h2>The same as plain text</h2>
        <pre>${shown}</pre>
      </section>
      <p><a href="/desk/mailbox">All mails</a></p>`,
  )
}
