import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request as ask, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Asks the service the same with this body; its answer, not read yet. */
export type AskService = (request: IncomingMessage, body: Buffer) => Promise<IncomingMessage>

/** A server of its own in front of a service, which `pass` hands requests on to. */
export async function standBetween(
  service: string,
  pass: (request: IncomingMessage, response: ServerResponse, askService: AskService) => Promise<void>,
): Promise<{ readonly endpoint: string; readonly stop: () => void }> {
  const agent = new Agent({ keepAlive: true })
  const askService: AskService = async ({ method, headers, url = '/' }, body) => {
    const inner = ask(new URL(url, service), {
      method,
      headers: { ...headers, 'content-length': body.length },
      agent,
    })
    inner.end(body)
    const [answer] = (await once(inner, 'response')) as [IncomingMessage]
    return answer
  }
  const server = createServer((request, response) => {
    void pass(request, response, askService).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    stop: () => {
      server.close()
      server.closeAllConnections()
      agent.destroy()
    },
  }
}
