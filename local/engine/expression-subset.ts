import { functionNames, mostArguments } from './expression-functions.ts'

/** What an expression may refer to, which depends on the field it stands in. */
export type ExpressionPlace = {
  /** Members of `$states`: `input`, and `result` or `errorOutput` where there is one. */
  readonly states: ReadonlySet<string>
  /** Leaves of `$states.context`, such as `Execution.Id`. */
  readonly context: ReadonlySet<string>
  /** Variables that some state assigns. */
  readonly variables: ReadonlySet<string>
}

type Node = { readonly [key: string]: unknown }

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const nodesOf = (value: unknown): readonly Node[] => {
  if (Array.isArray(value)) return value.flatMap(nodesOf)
  return isNode(value) ? [value] : []
}

/**
 * Lists what an expression uses that Step Functions would not run, or that this engine does not.
 *
 * AWS gives an expression no context item, so a name, `$` or `*` that would read one is refused, as AWS does
 * (`UNSUPPORTED_JSONATA_EXPRESSION`); `$$` is refused everywhere.
 */
export function objections(tree: unknown, text: string, place: ExpressionPlace): readonly string[] {
  const found: string[] = []
  const object = (reason: string): void => {
    if (!found.includes(reason)) found.push(reason)
  }
  const locals = localNames(tree)

  const visitAll = (value: unknown, top: boolean): void => {
    for (const node of nodesOf(value)) visit(node, top)
  }

  const visit = (node: Node, top: boolean): void => {
    visitByType(node, top)
    for (const stage of [...nodesOf(node['stages']), ...nodesOf(node['predicate'])])
      visitAll(stage['expr'], false)
    if (isNode(node['group'])) visitAll(node['group']['lhs'], false)
  }

  const visitByType = (node: Node, top: boolean): void => {
    switch (node['type']) {
      case 'path': {
        visitPath(nodesOf(node['steps']), top)
        return
      }
      case 'variable': {
        visitVariable(String(node['value']), top)
        return
      }
      case 'name': {
        if (top) object(`a reference to '${String(node['value'])}' at the top level is not supported`)
        return
      }
      case 'wildcard':
      case 'descendant':
      case 'parent': {
        if (top) object('a wildcard at the top level is not supported')
        return
      }
      case 'binary':
      case 'apply': {
        visitAll([node['lhs'], node['rhs']], top)
        return
      }
      case 'unary': {
        visitAll([node['lhs'], node['expressions'], node['expression']], top)
        return
      }
      case 'block': {
        visitAll(node['expressions'], top)
        return
      }
      case 'bind': {
        visitAll(node['rhs'], top)
        return
      }
      case 'condition': {
        visitCondition(node)
        visitAll([node['condition'], node['then'], node['else']], top)
        return
      }
      case 'function':
      case 'partial': {
        visitCall(node, top)
        return
      }
      case 'lambda': {
        visitAll(node['body'], top)
        return
      }
      case 'sort': {
        for (const term of nodesOf(node['terms'])) visitAll(term['expression'], false)
        return
      }
      case 'transform': {
        visitAll([node['pattern'], node['update'], node['delete']], false)
        return
      }
      case 'string':
      case 'number':
      case 'value':
      case 'regex':
      case 'operator': {
        return
      }
      default: {
        object(`the construct '${String(node['type'])}' is not supported`)
      }
    }
  }

  const visitPath = (steps: readonly Node[], top: boolean): void => {
    const [head, ...rest] = steps
    if (head === undefined) return
    if (head['type'] === 'variable' && head['value'] === 'states') visitStates(head, rest)
    else visit(head, top)
    for (const step of rest) visit(step, false)
  }

  const visitStates = (head: Node, steps: readonly Node[]): void => {
    if (hasStages(head)) object('$states is only supported with a member after it')
    const names = steps.map((step) => (step['type'] === 'name' ? String(step['value']) : undefined))
    const [member, group, leaf] = names
    if (member === 'context') {
      const path = `${group ?? ''}.${leaf ?? ''}`
      const exact = names.length === 3 || path === 'Execution.Input'
      if (!exact || !place.context.has(path) || steps.slice(0, 2).some(hasStages)) {
        object(`$states.context.${names.slice(1).join('.')} is not supported here`)
      }
    } else if (member === undefined || !place.states.has(member)) {
      object(`$states.${member ?? ''} is not supported here`)
    }
  }

  const visitVariable = (name: string, top: boolean): void => {
    if (name === '$') object("a reference to '$$' is not supported")
    else if (name === '') {
      if (top) object("a reference to '$' at the top level is not supported")
    } else if (name === 'states') object('$states is only supported with a member after it')
    else if (!locals.has(name) && !place.variables.has(name) && !functionNames.has(name)) {
      object(`$${name} is neither a variable that a state assigns nor a supported function`)
    }
  }

  const visitCall = (node: Node, top: boolean): void => {
    const procedure = node['procedure']
    visitAll([procedure, node['arguments']], top)
    if (!isNode(procedure) || procedure['type'] !== 'variable') return
    const name = String(procedure['value'])
    const most = locals.has(name) ? undefined : mostArguments.get(name)
    if (most !== undefined && nodesOf(node['arguments']).length > most) {
      object(`$${name} with more than ${String(most)} arguments is not supported`)
    }
  }

  /** `?:` and `??` came with JSONata 2.1; the parser leaves no other trace of them than where they stood. */
  const visitCondition = (node: Node): void => {
    const end = Number(node['position'])
    const operator = text.slice(end - 2, end)
    if (operator === '?:' || operator === '??') object(`the operator '${operator}' is not in JSONata 2.0.6`)
  }

  visitAll(tree, true)
  for (const name of locals) {
    if (name === 'states') object('$states cannot be assigned')
  }
  return found
}

const hasStages = (node: Node): boolean => node['stages'] !== undefined || node['predicate'] !== undefined

/** Names bound inside the expression itself: by `:=`, by a function's parameters, by `@` and `#`. */
function localNames(tree: unknown): ReadonlySet<string> {
  const names = new Set<string>()
  const seen = new Set<unknown>()
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    if (isNode(value)) {
      if (value['type'] === 'bind') names.add(variableName(value['lhs']))
      if (value['type'] === 'lambda')
        for (const each of nodesOf(value['arguments'])) names.add(variableName(each))
      for (const bound of [value['focus'], value['index']]) if (typeof bound === 'string') names.add(bound)
    }
    Object.values(value).forEach(collect)
  }
  collect(tree)
  return names
}

const variableName = (node: unknown): string => (isNode(node) ? String(node['value']) : '')
