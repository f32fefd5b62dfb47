import type { AttributeValue } from '@aws-sdk/client-dynamodb'

// Condition and key condition expressions of DynamoDB, as far as the product writes them: AND, OR, parentheses, the six
// comparisons, BETWEEN, attribute_exists, attribute_not_exists, begins_with. Anything else is refused, as DynamoDB would.

export type Item = Readonly<Record<string, AttributeValue>>

export interface Given {
  readonly names?: Readonly<Record<string, string>> | undefined
  /** In DynamoDB's own form. */
  readonly values?: Item | undefined
}

type Test = (item: Item | undefined, given: Given) => boolean
type Operand = (item: Item | undefined, given: Given) => AttributeValue | undefined

const token = /\s*(<=|>=|<>|[()=<>,]|[#:]?[A-Za-z_][\w]*)/gy

function tokensOf(expression: string): string[] {
  const tokens: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < expression.trimEnd().length) {
    const found = token.exec(expression)?.[1]
    if (found === undefined) throw new SyntaxError(`Not understood: ${expression}`)
    tokens.push(found)
  }
  return tokens
}

const parsed = new Map<string, Test>()

/** Whether an item, or none, fulfils an expression. */
export function holds(expression: string, item: Item | undefined, given: Given): boolean {
  let test = parsed.get(expression)
  if (!test) {
    const tokens = tokensOf(expression)
    test = anyOf(tokens)
    if (tokens.length > 0) throw new SyntaxError(`Not understood after ${String(tokens[0])}: ${expression}`)
    parsed.set(expression, test)
  }
  return test(item, given)
}

function anyOf(tokens: string[]): Test {
  const tests = [allOf(tokens)]
  while (takes(tokens, 'OR')) tests.push(allOf(tokens))
  return (item, given) => tests.some((test) => test(item, given))
}

function allOf(tokens: string[]): Test {
  const tests = [one(tokens)]
  while (takes(tokens, 'AND')) tests.push(one(tokens))
  return (item, given) => tests.every((test) => test(item, given))
}

function one(tokens: string[]): Test {
  if (takes(tokens, '(')) {
    const test = anyOf(tokens)
    must(tokens, ')')
    return test
  }
  if (takes(tokens, 'attribute_exists')) {
    const path = inParentheses(tokens)
    return (item, given) => path(item, given) !== undefined
  }
  if (takes(tokens, 'attribute_not_exists')) {
    const path = inParentheses(tokens)
    return (item, given) => path(item, given) === undefined
  }
  if (takes(tokens, 'begins_with')) {
    must(tokens, '(')
    const path = operand(tokens)
    must(tokens, ',')
    const prefix = operand(tokens)
    must(tokens, ')')
    return (item, given) => textOf(path(item, given))?.startsWith(textOf(prefix(item, given)) ?? '') === true
  }
  return comparison(tokens)
}

function comparison(tokens: string[]): Test {
  const left = operand(tokens)
  const by = tokens.shift() ?? ''
  const right = operand(tokens)
  if (by === 'BETWEEN') {
    must(tokens, 'AND')
    const to = operand(tokens)
    return (item, given) =>
      ordered(left(item, given), right(item, given), (order) => order >= 0) &&
      ordered(left(item, given), to(item, given), (order) => order <= 0)
  }
  const accepts = comparisons[by]
  if (!accepts) throw new SyntaxError(`No comparison: ${by}`)
  return (item, given) => ordered(left(item, given), right(item, given), accepts)
}

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

const surrogates = /[\uD800-\uDFFF]/

/** As bytes of UTF-8 are ordered, which two-unit characters of UTF-16 are not. */
export const inBytesOrder = (a: string, b: string): number => {
  if (a === b) return 0
  if (surrogates.test(a) || surrogates.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : 1
}

/** False where one is not there, or they are not of one type. */
function ordered(
  a: AttributeValue | undefined,
  b: AttributeValue | undefined,
  accepts: (order: number) => boolean,
): boolean {
  if (a?.S !== undefined && b?.S !== undefined) return accepts(inBytesOrder(a.S, b.S))
  if (a?.N !== undefined && b?.N !== undefined) return accepts(Number(a.N) - Number(b.N))
  if (a?.B !== undefined && b?.B !== undefined) return accepts(Buffer.compare(a.B, b.B))
  if (a?.BOOL !== undefined && b?.BOOL !== undefined) return accepts(a.BOOL === b.BOOL ? 0 : 1)
  return false
}

const textOf = (value: AttributeValue | undefined): string | undefined => value?.S

function inParentheses(tokens: string[]): Operand {
  must(tokens, '(')
  const path = operand(tokens)
  must(tokens, ')')
  return path
}

function operand(tokens: string[]): Operand {
  const name = tokens.shift() ?? ''
  if (name.startsWith(':')) return (_, { values }) => values?.[name]
  return (item, given) => item?.[attribute(name, given)]
}

/** The attribute that a name of an expression means. */
export const attribute = (name: string, { names }: Given): string => {
  if (!name.startsWith('#')) return name
  const meant = names?.[name]
  if (meant === undefined) throw new SyntaxError(`No such name: ${name}`)
  return meant
}

function takes(tokens: string[], wanted: string): boolean {
  if (tokens[0] !== wanted) return false
  tokens.shift()
  return true
}

function must(tokens: string[], wanted: string): void {
  if (!takes(tokens, wanted)) throw new SyntaxError(`${wanted} expected before ${tokens[0] ?? 'the end'}`)
}
