/** Ends the command with what is wrong with it. */
export function refuse(sentence: string): never {
  console.error(sentence)
  process.exit(2)
}

const isOneOf = <Name extends string>(names: readonly Name[], name: string | undefined): name is Name =>
  names.some((each) => each === name)

/**
 * What was typed after `--name` or `--name=`, by name. `--help` prints the usage; whatever is not understood ends the
 * command with it.
 */
export function typed<Name extends string>(
  usage: string,
  names: readonly Name[],
): Readonly<Partial<Record<Name, string>>> {
  const found: Partial<Record<Name, string>> = {}
  const words = process.argv
    .slice(2)
    .flatMap((word) => (word.startsWith('--') ? word.split(/=(.*)/s, 2) : word))
  if (words.includes('--help')) {
    console.log(usage)
    process.exit(0)
  }
  for (let at = 0; at < words.length; at += 2) {
    const [name, value] = [words[at]?.replace('--', ''), words[at + 1]]
    if (!isOneOf(names, name) || value === undefined)
      return refuse(`Not understood: ${words.slice(at).join(' ')}\n${usage}`)
    found[name] = value
  }
  return found
}

/** A whole number that was typed, or the usual one. */
export function whole(name: string, text: string | undefined, usual: number, least = 1): number {
  if (text === undefined) return usual
  if (!/^\d{1,15}$/.test(text) || Number(text) < least)
    return refuse(`--${name} takes a whole number from ${String(least)}, not "${text}".`)
  return Number(text)
}
