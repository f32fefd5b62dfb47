/** One price of us-east-1, as published; dollars for `per` of the unit. */
export interface Price {
  readonly service: string
  readonly unit: string
  readonly dollars: number
  readonly per: number
  readonly source: string
}

/** When the prices were read. Look them up again before anything is promised. */
export const pricesOf = 'November 2026'

const price = (service: string, dollars: number, per: number, unit: string, source: string): Price => ({
  service,
  unit,
  dollars,
  per,
  source,
})

const lambda = 'cloudchipr.com/blog/aws-lambda-pricing'
const database = 'airbyte.com/data-engineering-resources/dynamodb-pricing'
const bucket = 'gist.github.com/sofyan-ahmad/19258041a16833a2cab17a6b2b4b3058'
const watch = 'factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards'
const million = 1_000_000

export const prices = {
  transition: price('Step Functions', 0.025, 1000, 'transitions', 'aws.amazon.com/step-functions/pricing'),
  gigabyteSecond: price('Lambda, arm64', 0.000_013_333_4, 1, 'GB-seconds', lambda),
  invocation: price('Lambda', 0.2, million, 'calls', lambda),
  operation: price(
    'Lambda, durable functions',
    8,
    million,
    'operations',
    'github.com/api-evangelist/aws-lambda, plans, of 2026-09-20',
  ),
  writeUnit: price('DynamoDB', 0.625, million, 'write units', database),
  readUnit: price('DynamoDB', 0.125, million, 'read units', database),
  request: price('HTTP API', 1, million, 'requests', 'infraatlas.dev/aws-api-gateway'),
  message: price(
    'SQS, FIFO',
    0.5,
    million,
    'requests of up to 64 KB each',
    'factualminds.com/blog/amazon-sqs-pricing-64kb-rule-fifo-vs-standard',
  ),
  put: price('S3', 0.005, 1000, 'puts', bucket),
  get: price('S3', 0.0004, 1000, 'gets', bucket),
  event: price(
    'EventBridge',
    1,
    million,
    'events of up to 64 KB each',
    'cloudburn.io/blog/amazon-eventbridge-pricing',
  ),
  logged: price('CloudWatch Logs', 0.5, 1e9, 'bytes', watch),
  trace: price('X-Ray', 5, million, 'traces recorded', 'aws.amazon.com/xray/pricing'),
  alarm: price('CloudWatch', 0.1, 1, 'alarms, a month', 'c3x.dev/resources/aws/aws_cloudwatch_metric_alarm'),
  dashboard: price('CloudWatch', 3, 1, 'dashboards, a month', watch),
  key: price(
    'KMS',
    1,
    1,
    'keys, a month',
    'factualminds.com/blog/aws-kms-pricing-keys-requests-multi-region',
  ),
  mail: price('SES', 0.1, 1000, 'mails', 'acecloudinterviews.com/tutorials/aws/ses'),
} as const

/** Dollars for so many. */
export const priced = (what: keyof typeof prices, count: number): number =>
  (count * prices[what].dollars) / prices[what].per
