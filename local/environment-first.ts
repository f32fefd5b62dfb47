import { withProcessEnvironment } from './runtime/process-environment.ts'

// Imported before everything else, so that what follows is evaluated once, in the process that stays.
withProcessEnvironment()
