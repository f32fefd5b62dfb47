const files =
  (folder: string) =>
  (...names: readonly string[]): string[] =>
    names.flatMap((some) => some.split(' ')).map((name) => `${folder}/${name}.ts`)
const domain = files('shared/domain')
const store = files('shared/store')
const sage = files('shared/sage')

/** Code that guards money and decisions, and the quick tests that prove it: globs from the root of the repository. */
export const areas: Readonly<Record<string, { code: readonly string[]; tests: readonly string[] }>> = {
  amounts: {
    code: domain(
      'cents quantity number-text ledger entries entry-date export-id difference budget-change changes',
      'change-in-ledger change-form restore lines line-item line-filter line-faults job-report',
      'budget-code new-in-sage',
    ),
    tests: ['test/domain/!(decide|eligibility).test.ts'],
  },
  decisions: {
    code: domain(
      'approval decide eligibility roles stages lifecycle command check-lock budget-head editor person',
      'project-policy refusal secret durations clock ids readings-stopped daily-summary named-version',
    ),
    tests: ['test/domain/!(changes|entries|entries-in-a-row|difference|restore|job-report|lines).test.ts'],
  },
  checks: {
    code: domain('precheck precheck/* preview finding sage-codes'),
    tests: ['test/domain/!(decide|eligibility|changes|entries-in-a-row).test.ts'],
  },
  reassigning: {
    code: domain('reassign'),
    tests: ['test/domain/reassign.test.ts', 'test/functions/api/reassigning.test.ts'],
  },
  store: {
    code: store('history content-hash keys manifest chunks recut verify-history'),
    tests: ['test/store/{content-hash,history,keys,manifest,chunks,verify-history}.test.ts'],
  },
  conditions: {
    code: store(
      'commit commit-rules condition decide idempotency job-link put-wait transaction workflow signals',
      'company-change company-rows company-table spent mail-log outbox-row outbox-table last-day',
      'nightly-table summary-table decision-rows head-row',
    ),
    tests: [
      'test/store/{commit,decide,wait,head,company,company-change}.test.ts',
      'test/store/{decision-rows,mail-log,once-a-day,outbox,signals,spent,workflow}.test.ts',
    ],
  },
  approving: {
    code: ['shared/approving/*.ts', 'functions/review/{index,choice}.ts'],
    tests: [
      'test/functions/review{,-choice,-sheet,-bad-input,-ends,-page}.test.ts',
      'test/functions/{decision-by-link,confirmation-code,daily-summary}.test.ts',
      'test/functions/api/{reassigning,nobody-left,decisions}.test.ts',
      'test/statemachines/cycle/{deciding,stages,sending}.test.ts',
    ],
  },
  exporting: {
    code: ['shared/exporting/!(list-under-way|report-of-job).ts', ...domain('export')],
    tests: [
      'test/functions/{entry-ends,posting}.test.ts',
      'test/functions/api/{exports,sage-report}.test.ts',
      'test/sage/whole-cycle/worked-examples.test.ts',
      'test/statemachines/cycle/{compared,declared-posting,drift,exporting,guards,import-stopped}.test.ts',
      'test/statemachines/cycle/{new-in-sage,not-there,overtaking,posting,said-of-a-file}.test.ts',
      'test/statemachines/cycle/{settling,stale}.test.ts',
    ],
  },
  cycle: {
    code: ['functions/cycle/*.ts', 'shared/cycle/!(dependencies).ts'],
    tests: [
      'test/statemachines/cycle/!(any-order|every-state|thirty-days).test.ts',
      'test/functions/api/{precheck,import-from-sage}.test.ts',
    ],
  },
  sage: {
    code: sage('estimate-file import-records reject-file reconciliation observation-words'),
    tests: [
      'test/sage/writer/{estimate-file,reconciliation,reject-file,file-injection}.test.ts',
      'test/sage/writer/{import-records,observation-words}.test.ts',
    ],
  },
  agent: {
    code: [
      'functions/sage-connector/gateway/hand-over.ts',
      ...files('functions/sage-connector/agent')(
        'deliver-part place-file drop-folder delivery-ledger lease move-into put-files-away',
        'rejects-folder api-client read-back sage-reports',
      ),
    ],
    tests: [
      'test/functions/agent/{deliver-part,drop-folder,delivery-ledger,put-files-away,set-up}.test.ts',
      'test/functions/agent/{api-client,read-back,rejects-folder}.test.ts',
      'test/functions/gateway.test.ts',
    ],
  },
  relay: {
    code: ['functions/{relay,sage-events,schedule}/*.ts'],
    tests: ['test/functions/{relay,sage-events,nightly-check,workflow-ended,daily-summary}.test.ts'],
  },
}
