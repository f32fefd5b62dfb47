/** The errors of the Step Functions API that this engine answers with, by the names that AWS gives them. */
export type StepFunctionsErrorName =
  | 'ExecutionAlreadyExists'
  | 'ExecutionDoesNotExist'
  | 'ExecutionNotRedrivable'
  | 'InvalidArn'
  | 'InvalidExecutionInput'
  | 'InvalidName'
  | 'InvalidOutput'
  | 'InvalidToken'
  | 'ResourceNotFound'
  | 'StateMachineDoesNotExist'
  | 'TaskTimedOut'
  | 'UnknownOperationException'
  | 'ValidationException'

/** What a call of the API is refused with; `name` is what an SDK client sees as the error's name. */
export class StepFunctionsError extends Error {
  override readonly name: StepFunctionsErrorName

  constructor(name: StepFunctionsErrorName, message: string) {
    super(message)
    this.name = name
  }
}
