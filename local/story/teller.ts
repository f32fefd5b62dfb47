/** Names what a longer work is at; a word or two. */
export type NameStep = (step: string) => void

/** Tells what happens, one line at a time, with a sign of life on anything that takes long. */
export interface Teller {
  chapter(title: string): void
  say(sentence: string): void
  while<T>(sentence: string, work: (name: NameStep) => Promise<T>, after?: (result: T) => string): Promise<T>
}

/** `lively`: whether the reader is a terminal, on which a line may grow; elsewhere few lines are better than many. */
export function teller(write: (text: string) => unknown, lively: boolean): Teller {
  const signOfLife = lively ? 1_000 : 10_000 // milliseconds
  return {
    chapter(title) {
      write(`\n${title}\n${'-'.repeat(title.length)}\n`)
    },
    say(sentence) {
      write(`  ${sentence}\n`)
    },
    async while(sentence, work, after) {
      const began = Date.now()
      write(`  ${sentence} ...${lively ? '' : '\n'}`)
      const timer = setInterval(() => {
        write(lively ? '.' : `    still at it after ${String(Math.round((Date.now() - began) / 1000))} s\n`)
      }, signOfLife)
      try {
        const result = await work((step) => write(lively ? ` ${step} ..` : `    ${step}\n`))
        const seconds = ((Date.now() - began) / 1000).toFixed(1)
        const told = after === undefined ? 'done' : after(result)
        write(lively ? ` ${told} (${seconds} s)\n` : `    ${told} (${seconds} s)\n`)
        return result
      } finally {
        clearInterval(timer)
      }
    },
  }
}
