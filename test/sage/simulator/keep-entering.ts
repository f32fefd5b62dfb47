import { cents } from '../../../local/sage/amounts.ts'
import { openSage } from '../../../local/sage/open-sage.ts'

/** A process for `company-folder.test.ts` to kill: enters and posts one dollar after another, for ten seconds at most. */
const company = openSage(process.argv[2] ?? '').company('Tacoma Builders')
const until = Date.now() + 10_000
for (let posted = 0; Date.now() < until; posted += 1) {
  company.handEntry({
    job: '24-1007',
    costCode: '03-3000',
    category: 'S',
    kind: 'original_estimate',
    date: '2025-06-02',
    amount: cents(100),
  })
  if (posted === 2) process.stdout.write('posting\n')
}
