import { App } from 'aws-cdk-lib'
import { addService } from './service.ts'

// One deployment: `npm run deploy -- --stage prod --mail-from budgets@customer.example`. Beforehand, once per account:
// `cdk bootstrap`, and an SES identity for the sender, verified, out of the sandbox.
// Mailed links point to the API's own address unless `-c publicUrl=https://budgets.customer.example` names a domain that
// is mapped to it; links mailed before a change of address keep pointing to the old one, so choose it before the first send.
addService(new App())
