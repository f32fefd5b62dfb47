/** Tells what happens, one line at a time, with a sign of life on anything that takes longer than a second. */
export interface Teller {
  chapter(title: string): void
  say(sentence: string): void
  while<T>(sentence: string, work: () => Promise<T>, after?: (result: T) => string): Promise<T>
}

const signOfLife = 1_000

/** `lively`: whether the reader is a terminal, on which a line may grow. */
export function teller(write: (text: string) => unknown, lively: boolean): Teller {
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
        const result = await work()
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
