/** What must hold of the row that stands there. */
export interface Condition {
  readonly expression: string
  readonly values?: Readonly<Record<string, unknown>>
  readonly names?: Readonly<Record<string, string>>
}

export const isNew: Condition = { expression: 'attribute_not_exists(pk)' }

export const conditionOf = ({ expression, values, names }: Condition) => ({
  ConditionExpression: expression,
  ...(values && { ExpressionAttributeValues: { ...values } }),
  ...(names && { ExpressionAttributeNames: { ...names } }),
  // With the old row in the reason, a failed condition is told from its cause without another read.
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
})
