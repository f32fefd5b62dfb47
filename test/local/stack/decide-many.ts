import { once } from 'node:events'

// `decide-many.ts <address> <form> <times>`: says ready, and when it is told to go posts one form that often at once.

const [address = '', form = '', times = ''] = process.argv.slice(2)

async function post(): Promise<number> {
  const answer = await fetch(address, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: new URL(address).origin, 'content-type': 'application/x-www-form-urlencoded' },
    body: form,
  })
  await answer.text()
  return answer.status
}

console.log('ready')
await once(process.stdin, 'data')
const statuses = await Promise.all(Array.from({ length: Number(times) }, post))
console.log(`answered ${JSON.stringify(statuses)}`)
process.exit()
