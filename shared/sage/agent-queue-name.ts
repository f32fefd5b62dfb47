/** Name of the queue of an agent on premises, without stage and `.fifo`. */
export const agentQueueName = ({
  company,
  sage,
}: {
  readonly company: string
  readonly sage: string
}): string => `sage-agent-${company}-${sage}`
