import { describe } from 'vitest'
import { endSharedStack } from '../local/stack/shared-stack.ts'
import { checkDeployment } from './check-deployment.ts'
import { deployedStage, localStage } from './stage.ts'

const { API_URL: url } = process.env

endSharedStack()

describe(`the deployment at ${url ?? 'this machine'}`, () => {
  checkDeployment(async () =>
    url === undefined ? await localStage() : await Promise.resolve(deployedStage(process.env)),
  )
})
