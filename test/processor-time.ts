/** Milliseconds that this thread has had the processor: what others do beside it counts for nothing. */
export function processorTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
