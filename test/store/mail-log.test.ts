import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ProjectKey } from '../../shared/domain/ids.ts'
import { Later } from '../../shared/store/errors.ts'
import { createMailLog, type MailLog } from '../../shared/store/mail-log.ts'
import type { MailRequest } from '../../shared/store/outbox.ts'
import { person, projectKey, settableClock } from './budgets.ts'
import { type Call, documentWithFaults } from './faults.ts'
import { useLocalDatabase } from './use-local.ts'

const database = useLocalDatabase()
const clock = settableClock()
const [first, later] = ['2026-11-22T19:38:31.000Z', '2026-11-22T19:40:00.000Z']
let table = ''
let log: MailLog
let key: ProjectKey
let made = 0

beforeAll(async () => {
  table = await database().createTable()
  log = createMailLog({ document: database().document, table, clock })
})

beforeEach(() => {
  made += 1
  key = projectKey(`p${String(made)}`)
  clock.set(first)
})

const mail: MailRequest = { id: 'reminder/v1-s1-1/mia', mail: 'reminder', to: person }
const begun = { id: mail.id, mail: 'reminder', to: person, attempts: 1, first_at: first }

describe('a mail', () => {
  test('is remembered before it is sent', async () => {
    expect(await log.begin(key, mail)).toEqual(begun)
    expect(await log.mail(key, mail.id)).toEqual(begun)
  })

  test('whose fate is unknown may be sent again, and is counted', async () => {
    await log.begin(key, mail)
    clock.set(later)
    expect(await log.begin(key, mail)).toEqual({ ...begun, attempts: 2 })
    expect(await log.begin(key, mail)).toEqual({ ...begun, attempts: 3 })
  })

  test('that was sent is not sent again', async () => {
    await log.begin(key, mail)
    clock.set(later)
    await log.sent(key, mail)
    expect(await log.begin(key, mail)).toBeUndefined()
    expect(await log.mail(key, mail.id)).toEqual({ ...begun, sent_at: later })
  })

  test('that did not arrive is remembered with why and when', async () => {
    await log.begin(key, mail)
    clock.set(later)
    await log.undelivered(key, mail.id, 'bounced')
    expect(await log.mail(key, mail.id)).toEqual({ ...begun, undelivered: { why: 'bounced', at: later } })
  })

  test('of another id, or of another project, is another mail', async () => {
    await log.begin(key, mail)
    await log.sent(key, mail)
    const [other, elsewhere] = [{ ...mail, id: 'reminder/v1-s1-2/mia' }, projectKey(`${key.project}b`)]
    expect(await log.mail(key, other.id)).toBeUndefined()
    expect(await log.begin(key, other)).toMatchObject({ attempts: 1 })
    expect(await log.begin(elsewhere, mail)).toMatchObject({ attempts: 1 })
  })
})

const failing = (on: (call: Call) => boolean, fault: Error): MailLog => {
  const document = documentWithFaults(database(), async (call) => {
    if (on(call)) throw fault
    return await call.through()
  })
  return createMailLog({ document, table, clock })
}
const busy = Object.assign(new Error('busy'), { name: 'ThrottlingException' })
const puts = ({ name }: Call): boolean => name === 'PutCommand'
const updates = ({ name }: Call): boolean => name === 'UpdateCommand'

describe('a fault of the table', () => {
  test.each([
    ['is later when it is busy', busy, Later],
    ['comes through when it is another', new RangeError('odd'), RangeError],
  ])('%s', async (_, fault, thrown) => {
    await expect(failing(puts, fault).begin(key, mail)).rejects.toThrow(thrown)
    await log.begin(key, mail)
    await expect(failing(updates, fault).begin(key, mail)).rejects.toThrow(thrown)
    await expect(failing(updates, fault).sent(key, mail)).rejects.toThrow(thrown)
    await expect(failing(updates, fault).undelivered(key, mail.id, 'refused')).rejects.toThrow(thrown)
  })
})
