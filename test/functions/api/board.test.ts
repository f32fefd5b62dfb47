import { gunzipSync } from 'node:zlib'
import { generateKeyPair, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { createIssuer } from '../../../functions/board/issuer.ts'
import { budgetCode } from '../../../shared/domain/budget-code.ts'
import { CompanyId, ProjectId, type Sha256 } from '../../../shared/domain/ids.ts'
import type { Link } from '../../../shared/store/company-store.ts'
import { guarded } from '../page-event.ts'
import { acme, ann, bob, otto, pat, personOf, setUpAcme, vera } from './acme.ts'
import type { SignIn } from './api-event.ts'
import { useMemoryApi } from './local-api.ts'
import { leadsTo, type Page, publicUrl, useBoard } from './visitor.ts'
import { putBack } from './put-back.ts'
import {
  acceptIt,
  deliver,
  exportedProject,
  exportingProject,
  failedProject,
  readTotals,
  sentProject,
  syncedProject,
} from './workflow-by-hand.ts'

const api = useMemoryApi()
const people = { pat, ann, otto, bob }
const at = useBoard(api, () =>
  Object.entries(people).map(([name, { sub, groups }]) => ({
    subject: sub,
    name,
    email: `${name}@acme.example`,
    groups: [groups].flat(),
  })),
)
beforeAll(async () => {
  await setUpAcme(api())
})

/** A project whose file is with accounting, and whose job was empty in Sage before. */
const exportedAfterReading = putBack(async () => {
  const project = await sentProject(api())
  await readTotals(api(), project, [])
  await acceptIt(api(), project)
  await deliver(api(), project)
  return project
})

/** A browser in which this token is the session. */
function withSession(token: string) {
  const visitor = at.visitor()
  visitor.cookies.set('__Host-board', token)
  return visitor
}

const signedInAs = async (who: SignIn) => withSession(await at.token(who))

const textOf = ({ body = '' }: Page): string =>
  body.replaceAll(/<style>[^]*?<\/style>|<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')

const look = async (path: string, who: SignIn = pat): Promise<Page> => {
  const route = path.includes('/jobs/') ? 'GET /board/jobs/{project}' : 'GET /board'
  return await (await signedInAs(who)).ask(route, path)
}

const toIssuer = /\/pool\/oauth2\/authorize\?/

/** A browser that was sent to the issuer, where somebody chose who he is. */
async function begun(person = pat) {
  const visitor = at.visitor()
  const answer = await visitor.ask('GET /board/jobs/{project}', '/board/jobs/bridge-1?page=2')
  const back = new URL(await at.chooseAt(leadsTo(answer), person.sub))
  return { visitor, answer, back }
}

const finish = async ({ visitor, back }: Pick<Awaited<ReturnType<typeof begun>>, 'visitor' | 'back'>) =>
  await visitor.ask('GET /board/signed_in', `${back.pathname}${back.search}`)

const sessionOf = ({ visitor }: { visitor: ReturnType<typeof at.visitor> }) =>
  visitor.cookies.get('__Host-board')

describe('sign-in', () => {
  test('leads to the issuer, and back to the page that was asked for', async () => {
    const sign = await begun()
    expect([sign.answer.statusCode, leadsTo(sign.answer)]).toEqual([303, expect.stringMatching(toIssuer)])
    guarded(sign.answer)
    expect(`${sign.back.origin}${sign.back.pathname}`).toBe(`${publicUrl}/board/signed_in`)
    expect(leadsTo(await finish(sign))).toBe('/board/jobs/bridge-1?page=2')
    expect((await sign.visitor.ask('GET /board', '/board')).statusCode).toBe(200)
  })

  test('keeps its secret and its session where no script, no other host and no plain http can', async () => {
    const sign = await begun()
    const cookies = [...(sign.answer.cookies ?? []), ...((await finish(sign)).cookies ?? [])]
    expect(cookies).toHaveLength(3)
    for (const cookie of cookies)
      expect(cookie).toMatch(/^__Host-[a-z-]+=\S*; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Lax$/)
  })

  test('lasts as long as its token, to the second', async () => {
    const sign = await begun()
    const [session] = (await finish(sign)).cookies ?? []
    expect(session).toContain('Max-Age=3600;')
    const before = api().clock.now()
    api().clock.set(new Date(Date.parse(before) + 3_600_000).toISOString())
    const answer = await sign.visitor.ask('GET /board', '/board')
    api().clock.set(before)
    expect(leadsTo(answer)).toMatch(toIssuer)
  })

  test('is refused for a state that this browser did not begin', async () => {
    const [mine, other] = [await begun(), await begun()]
    const answer = await finish({ visitor: mine.visitor, back: other.back })
    expect([answer.statusCode, sessionOf(mine)]).toEqual([400, undefined])
    expect(at.logged.at(-1)).toEqual(['sign-in not completed', { lacks: 'state' }])
  })

  test('is refused in a browser that began none', async () => {
    const { back } = await begun()
    const stranger = { visitor: at.visitor(), back }
    expect([(await finish(stranger)).statusCode, sessionOf(stranger)]).toEqual([400, undefined])
  })

  test('takes a code once', async () => {
    const sign = await begun()
    const again = at.visitor()
    for (const [name, value] of sign.visitor.cookies) again.cookies.set(name, value)
    await finish(sign)
    expect((await finish({ visitor: again, back: sign.back })).statusCode).toBe(400)
    expect(sessionOf({ visitor: again })).toBeUndefined()
  })

  test('takes no code that another sign-in was given, with the right state', async () => {
    const [mine, other] = [await begun(), await begun()]
    mine.back.searchParams.set('code', other.back.searchParams.get('code') ?? '')
    expect((await finish(mine)).statusCode).toBe(400)
    expect(at.logged.at(-1)).toEqual(['sign-in not completed', { lacks: 'code' }])
  })

  test('takes no token that was made for another sign-in', async () => {
    const token = await at.token(pat)
    const issuer = { ...at.dependencies().issuer, exchange: async () => await Promise.resolve(token) }
    const visitor = at.visitor({ issuer })
    const sent = new URL(leadsTo(await visitor.ask('GET /board', '/board')))
    const answer = await visitor.ask(
      'GET /board/signed_in',
      `/board/signed_in?code=any&state=${sent.searchParams.get('state') ?? ''}`,
    )
    expect([answer.statusCode, sessionOf({ visitor })]).toEqual([400, undefined])
  })

  test('says so where the token is more than a browser keeps, and does not go round in circles', async () => {
    const groups = Array.from({ length: 120 }, (_, i) => `company-${String(i)}:accounting_poster`)
    const issuer = at.dependencies().issuer
    const visitor = at.visitor({
      issuer: {
        ...issuer,
        exchange: async () => await at.token({ sub: pat.sub, groups }),
        claimsOf: async () =>
          await Promise.resolve({
            sub: pat.sub,
            exp: 4_000_000_000,
            nonce: sent.searchParams.get('nonce') ?? '',
          }),
      },
    })
    const sent = new URL(leadsTo(await visitor.ask('GET /board', '/board')))
    const answer = await visitor.ask(
      'GET /board/signed_in',
      `/board/signed_in?code=any&state=${sent.searchParams.get('state') ?? ''}`,
    )
    expect([answer.statusCode, sessionOf({ visitor })]).toEqual([403, undefined])
  })

  test.each(['https://evil.example/', '//evil.example', '/board\r\nx: y', '/desk'])(
    'leads back to the board, and not to %s',
    async (place) => {
      const sign = await begun()
      const name = '__Host-board-sign-in'
      const [verifier = ''] = sign.visitor.cookies.get(name)?.split('.') ?? []
      sign.visitor.cookies.set(name, `${verifier}.${Buffer.from(place).toString('base64url')}`)
      expect(leadsTo(await finish(sign))).toBe('/board')
    },
  )

  test('is ended here and with the issuer', async () => {
    const visitor = await signedInAs(pat)
    const answer = await visitor.ask('GET /board/sign_out', '/board/sign_out')
    const issuers = await fetch(leadsTo(answer), { redirect: 'manual' })
    expect([visitor.cookies.size, issuers.headers.get('location')]).toEqual([
      0,
      `${publicUrl}/board/signed_out`,
    ])
    expect((await visitor.ask('GET /board/signed_out', '/board/signed_out')).statusCode).toBe(200)
  })
})

const issuerOf = async (): Promise<string> => {
  const [, payload = ''] = (await at.token(pat)).split('.')
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iss: string }).iss
}

describe('no session is', () => {
  const claims = { sub: pat.sub, 'cognito:groups': pat.groups, aud: 'board' }
  const forged = async (issuer = '') => {
    const { privateKey } = await generateKeyPair('RS256')
    return await new SignJWT({ ...claims, iss: issuer })
      .setProtectedHeader({ alg: 'RS256' })
      .setExpirationTime('1h')
      .sign(privateKey)
  }
  test.each<[string, () => Promise<string>]>([
    ['a text', async () => await Promise.resolve('token')],
    ['a token that has expired', async () => await at.token(pat, 'board', -1)],
    ['a token of the API’s client', async () => await at.token(pat, 'api')],
    ['a token signed by somebody else’s key', async () => await forged(await issuerOf())],
    [
      'a token without a signature',
      async () => {
        const [, payload = ''] = (await at.token(pat)).split('.')
        return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
      },
    ],
    [
      'a token signed with the public key as a secret',
      async () => {
        const iss = await issuerOf()
        const { keys } = (await (await fetch(`${iss}/.well-known/jwks.json`)).json()) as { keys: unknown[] }
        const secret = new TextEncoder().encode(JSON.stringify(keys[0]))
        return await new SignJWT({ ...claims, iss })
          .setProtectedHeader({ alg: 'HS256' })
          .setExpirationTime('1h')
          .sign(secret)
      },
    ],
  ])('%s', async (_, token) => {
    const answer = await withSession(await token()).ask('GET /board', '/board')
    expect([answer.statusCode, leadsTo(answer)]).toEqual([303, expect.stringMatching(toIssuer)])
  })

  test('a token of another issuer', async () => {
    const other = createIssuer({ issuer: `${await issuerOf()}/`, client: 'board', clock: api().clock })
    const visitor = at.visitor({ issuer: other })
    visitor.cookies.set('__Host-board', await at.token(pat))
    expect(leadsTo(await visitor.ask('GET /board', '/board'))).toMatch(toIssuer)
  })
})

describe('the board', () => {
  test('shows what needs somebody first, then what is to be posted, then what is on its way', async () => {
    const projects = [await exportingProject(api()), await exportedProject(api()), await failedProject(api())]
    const answer = await look('/board')
    guarded(answer)
    const { body = '' } = answer
    const places = [
      'Somebody has to look</h2>',
      `${projects[2] ?? ''}-e1`,
      'To be posted in Sage</h2>',
      `${projects[1] ?? ''}-e1`,
      'On the way to Sage</h2>',
      `${projects[0] ?? ''}-e1`,
    ].map((words) => body.indexOf(words))
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
  })

  test('says of a failed export what the connector said, what to do, and who may', async () => {
    await failedProject(api())
    const text = textOf(await look('/board', ann))
    expect(text).toContain('The disk is full. Put it right, then retry the export')
    expect(text).toContain('retry the export (you)')
    expect(text).toContain('close the export (accounting poster)')
  })

  test('says of an export for which no file was made what the check found', async () => {
    const key = { company: acme, project: ProjectId.parse(await sentProject(api())) }
    const finding = {
      code: 'COST_CODE_CLOSED',
      severity: 'error',
      budget_code: budgetCode('', '03-3000', 'S'),
      sentence: 'The cost code is closed.',
      what_to_do: 'Open it in Sage.',
    }
    const warning = { ...finding, severity: 'warning', sentence: 'The text is cut.' }
    await api().store.decide(key, (head) => ({
      answer: undefined,
      commit: {
        head: { ...head!, erp: 'export_failed' },
        history: [{ event: 'export_refused', by: 'system', detail: { code: 'FINDINGS' } }],
        last_command: {
          command: 'export',
          outcome: 'refused',
          by: 'system',
          at: api().clock.now(),
          sentence: 'No file was made.',
          findings: [warning, finding],
        },
      },
    }))
    const text = textOf(await look('/board', ann))
    expect(text).toContain('No file was made. 03-3000.S: The cost code is closed. Open it in Sage.')
    expect(text).not.toContain('The text is cut.')
  })

  test('counts a file that the connector was silent about for a day among what somebody has to look at', async () => {
    const project = await exportingProject(api())
    const before = api().clock.now()
    api().clock.set(new Date(Date.parse(before) + 86_400_000).toISOString())
    const { body = '' } = await look('/board', otto)
    api().clock.set(before)
    expect(body).not.toContain('On the way to Sage</h2>')
    expect(textOf({ body })).toMatch(
      new RegExp(`${project}-e1 .*For 1 day, since .*did not fetch the file.*declare it lost.*\\(you\\)`),
    )
  })

  test('counts what Sage shows otherwise among what somebody has to look at', async () => {
    const project = await exportedAfterReading(api())
    await readTotals(api(), project, [{ cost_code: '01-1000', category: 'L', original: '-500.00' }])
    const { body = '' } = await look('/board')
    const [first = ''] = body.split('To be posted in Sage</h2>')
    expect(first).toContain(`${project}-e1`)
  })

  test('holds nothing of a settled export, and nothing of another company', async () => {
    const settled = await syncedProject(api())
    const project = await exportedProject(api())
    const zenith = CompanyId.parse('zenith')
    await api().companies.putPerson(zenith, personOf('pat'), 'system')
    expect((await look('/board')).body).not.toContain(`${settled}-e1`)
    const other = await look('/board', { ...pat, groups: ['zenith:accounting_poster'] })
    expect([other.statusCode, other.body?.includes(project)]).toEqual([200, false])
  })

  test('is asked for one company by who belongs to several, and stays with it', async () => {
    await exportedProject(api())
    const both = { ...pat, groups: ['acme:accounting_poster', 'zenith:accounting_poster'] }
    const { body = '' } = await look('/board', both)
    expect([...body.matchAll(/href="(\/board\?company=\w+)"/g)].map(([, href]) => href)).toEqual([
      '/board?company=acme',
      '/board?company=zenith',
    ])
    const links = [
      ...((await look('/board?company=acme', both)).body ?? '').matchAll(
        /(?:href|action)="(\/board\/jobs[^"]*)"/g,
      ),
    ]
    expect(links.length).toBeGreaterThan(1)
    expect(links.filter(([, href = '']) => !href.includes('?company=acme'))).toEqual([])
    expect((await look('/board?company=apex', both)).statusCode).toBe(403)
  })

  test('says why to who may not see it', async () => {
    const answer = await look('/board', bob)
    guarded(answer)
    expect(answer.statusCode).toBe(403)
    expect(textOf(answer)).toContain('This needs the role accounting approver or accounting poster')
  })
})

const report = async (project: string, page = '') => await look(`/board/jobs/${project}${page}`)

const cents = (text: string): number => Math.round(Number(text.replaceAll(',', '')) * 100)

/** The three amounts of each figure of the whole. */
const figuresOf = (page: Page): ReadonlyMap<string, readonly number[]> => {
  const [table = ''] = /<table class="stack figures">[^]*?<\/table>/.exec(page.body ?? '') ?? []
  const rows = table.split('<tr').slice(2)
  return new Map(
    rows.map((row) => {
      const [, name = ''] = /<th scope="row">\s*([^<]+?)\s*</.exec(row) ?? []
      const amounts = [...row.matchAll(/>\s*(-?[\d,]+\.\d\d)\s*</g)].map(([, text = '']) => cents(text))
      return [name, amounts]
    }),
  )
}

describe('the report of a job', () => {
  /** Entries of somebody's in Sage, one per code: more than a page holds. */
  const manyInSage = Array.from({ length: 120 }, (_, i) => ({
    cost_code: `09-${String(1000 + i)}`,
    category: 'L',
    original: '0.10',
    changes: '-0.03',
  }))

  test('adds up in cents, in either box and in all', async () => {
    const project = await exportedAfterReading(api())
    await readTotals(api(), project, [
      ...manyInSage,
      { cost_code: '03-3000', category: 'S', original: '325000.00' },
    ])
    const figures = figuresOf(await report(project))
    const parts = ['Taken', 'Made in Sage, acknowledged', 'Made in Sage, not acknowledged', 'Difference']
    const sums = [0, 1, 2].map((i) =>
      parts.reduce((sum, name) => sum + (figures.get(name)?.[i] ?? Number.NaN), 0),
    )
    expect(figures.get('In Sage')).toEqual([32_501_200, -360, 32_500_840])
    expect(sums).toEqual(figures.get('In Sage'))
  })

  test('shows what somebody has to look at first, each code on one of its pages', async () => {
    const project = await exportedAfterReading(api())
    await readTotals(api(), project, manyInSage)
    const pages = await Promise.all(
      ['', '?page=2', '?page=99', '?page=x'].map(async (page) => await report(project, page)),
    )
    const codes = pages.map(({ body = '' }) =>
      [...body.matchAll(/<th scope="row">\s*(\d\d-\d{4})/g)].map(([, code = '']) => code),
    )
    const [first = [], second = [], last, none] = codes
    expect([...first, ...second].toSorted()).toEqual(
      [...manyInSage.map(({ cost_code }) => cost_code), '03-3000', '05-1200'].toSorted(),
    )
    expect(second.slice(-2)).toEqual(['03-3000', '05-1200'])
    expect([last, none]).toEqual([second, first])
  })

  test('as a file is the API’s', async () => {
    const project = await exportedProject(api())
    await readTotals(api(), project, manyInSage)
    const route = 'GET /board/jobs/{project}/report.csv'
    const file = await (await signedInAs(pat)).ask(route, `/board/jobs/${project}/report.csv`)
    const { text } = await api().call('GET', `/projects/${project}/sage_report.csv`, { as: pat })
    expect(file.headers).toMatchObject({ 'content-encoding': 'gzip', 'cache-control': 'no-store' })
    expect(gunzipSync(Buffer.from(file.body ?? '', 'base64')).toString('utf8')).toBe(text)
  })

  test('says what to do about the export under way, and nothing of that once it is settled', async () => {
    const failed = await failedProject(api())
    expect(textOf(await report(failed))).toContain('The disk is full.')
    const settled = await syncedProject(api())
    expect(textOf(await report(settled))).not.toContain('What to do')
  })

  test('is there before anything was sent or read, and says so', async () => {
    const project = await api().call('PUT', '/projects/bare', { as: bob, body: { name: 'Bare <b>' } })
    expect(project.status).toBe(201)
    const { body = '' } = await report('bare')
    expect(textOf({ body })).toContain('Nothing was sent to this job, and Sage shows nothing of it.')
    expect([body.includes('Bare &lt;b&gt;'), body.includes('<b>')]).toEqual([true, false])
  })

  test.each(['nowhere', '..', 'a'.repeat(60)])('of %s is not there', async (project) => {
    expect((await report(project)).statusCode).toBe(404)
  })

  test('of another company’s project is not there', async () => {
    const project = await exportedProject(api())
    const zoe = { sub: 'sub-pat', groups: ['zenith:accounting_poster'] }
    expect((await look(`/board/jobs/${project}`, zoe)).statusCode).toBe(404)
  })
})

describe('the way to the posting page', () => {
  const route = 'POST /board/jobs/{project}/posting'
  const made: Link[] = []
  const open = async (project: string, who: SignIn, headers: Record<string, string> = {}) => {
    made.length = 0
    const { companies } = api()
    const putLink = async (sha256: Sha256, link: Link) => {
      made.push(link)
      await companies.putLink(sha256, link)
    }
    const visitor = at.visitor({ companies: { ...companies, putLink } })
    visitor.cookies.set('__Host-board', await at.token(who))
    return await visitor.ask(route, `/board/jobs/${project}/posting`, headers)
  }

  test('is a poster’s own link', async () => {
    const project = await exportedProject(api())
    const answer = await open(project, pat)
    expect(leadsTo(answer)).toMatch(/^https:\/\/budgets\.example\.com\/posting\/[\w-]{43}$/)
    expect(made).toMatchObject([{ kind: 'posting', company: acme, project, person: 'pat', export: 1 }])
  })

  test('is offered to posters only, and only once a file was delivered', async () => {
    const project = await exportedProject(api())
    const button = 'Open the posting page'
    expect((await look(`/board/jobs/${project}`, pat)).body).toContain(button)
    expect((await look(`/board/jobs/${project}`, ann)).body).not.toContain(button)
    expect((await look(`/board/jobs/${await exportingProject(api())}`, pat)).body).not.toContain(button)
  })

  test.each<[string, number, SignIn, Record<string, string>]>([
    ['an approver', 403, ann, {}],
    ['a viewer', 403, vera, {}],
    ['another site', 403, pat, { 'sec-fetch-site': 'cross-site' }],
  ])('is refused to %s', async (_, status, who, headers) => {
    const project = await exportedProject(api())
    expect((await open(project, who, headers)).statusCode).toBe(status)
    expect(made).toEqual([])
  })

  test('is not there without an export under way', async () => {
    expect((await open(await syncedProject(api()), pat)).statusCode).toBe(404)
  })

  test('asks for a new sign-in by a link, since a form may not lead to another site', async () => {
    const answer = await at.visitor().ask(route, '/board/jobs/any/posting')
    expect([answer.statusCode, answer.body?.includes('href="/board"')]).toEqual([401, true])
  })
})
