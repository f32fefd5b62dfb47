import * as z from 'zod'
import { arn, type Described, runType } from './resource-type.ts'

export interface EventBusPart {
  readonly kind: 'eventBus'
  readonly id: string
  readonly name: string
  readonly arn: string
}

/** The account's own bus, on which services tell of what happened. */
export const accountBus = 'default'

/** A bus is named by its name or by its ARN. */
export const busNamed = (nameOrArn: string): string => nameOrArn.replace(/^arn:.*:event-bus\//, '')

export const eventBus = runType({
  honoured: z.strictObject({ Name: z.string() }),
  ignored: {
    Description: 'text only',
    KmsKeyIdentifier: 'the data folder is not encrypted',
    Tags: 'labels only',
  },
  describe: ({ Name: name }, place): Described<EventBusPart> => {
    const busArn = arn(place, 'events', `event-bus/${name}`)
    return {
      ref: name,
      attributes: { Arn: busArn, Name: name },
      part: { kind: 'eventBus', id: place.id, name, arn: busArn },
    }
  },
})
