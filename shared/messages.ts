import {
  BatchProcessor,
  EventType,
  processPartialResponse,
  SqsFifoPartialProcessorAsync,
} from '@aws-lambda-powertools/batch'
import type { Logger } from '@aws-lambda-powertools/logger'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'

/**
 * Serves the messages of a batch, each by its body. What fails is logged with the reason and comes again alone; in a
 * queue that keeps its order, so do those after it. `serve` answers what became of the message, for the log.
 */
export async function serveMessages(
  logger: Pick<Logger, 'info' | 'error'>,
  event: SQSEvent,
  context: Context,
  serve: (body: unknown) => Promise<object>,
): Promise<SQSBatchResponse> {
  const one = async ({ body, messageId: message_id, attributes }: SQSRecord): Promise<void> => {
    try {
      const became = await serve(JSON.parse(body))
      logger.info('message done', { message_id, ...became })
    } catch (error) {
      const tries = Number(attributes.ApproximateReceiveCount)
      logger.error('message not done', {
        message_id,
        tries,
        error: error instanceof Error ? error : String(error),
      })
      throw error
    }
  }
  const inOrder = event.Records.some(({ eventSourceARN }) => eventSourceARN.endsWith('.fifo'))
  const processor = inOrder ? new SqsFifoPartialProcessorAsync() : new BatchProcessor(EventType.SQS)
  return await processPartialResponse(event, one, processor, { context })
}
