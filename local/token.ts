import { people } from './local-company.ts'

// `npm run -s token -- paula`: prints a token of a sample person, or of an agent, from the stack that runs on this machine.

const [, , name = ''] = process.argv
const port = process.env['API_PORT'] ?? '4100'
const names = [...Object.keys(people), 'agent'].join(', ')

async function token(): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/desk/token/${encodeURIComponent(name)}`).catch(
    () => undefined,
  )
  if (answer === undefined) throw new Error(`Nothing answers on port ${port}. Run npm start first.`)
  if (!answer.ok) throw new Error(`Name one of ${names}.`)
  return await answer.text()
}

try {
  console.log(await token())
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(1)
}
