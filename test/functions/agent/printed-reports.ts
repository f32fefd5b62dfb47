import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const print = (folder: string, name: string, ...lines: readonly string[]): void => {
  writeFileSync(join(folder, name), `${lines.join('\r\n')}\r\n`)
}

/** Reports as Sage prints them; the time is written last. */
export function printReports(
  folder: string,
  { asOf, amount = '325000.00' }: { asOf: string; amount?: string },
) {
  print(
    folder,
    'jobs.csv',
    'Job,Description,Closed,Original_Estimate_Finalized',
    '24-1007,"Clinic, east",No,Yes',
  )
  print(
    folder,
    'standard-cost-codes.csv',
    'Cost_Code,Description,Group_Cost_Code,Closed',
    '03-3000,Cast-in-place,No,No',
    '03-0000,Concrete,Yes,No',
  )
  print(folder, 'standard-categories.csv', 'Category,Description,Accumulate_As', 'S  ,Subcontract,S')
  print(folder, 'extras.csv', 'Job,Extra,Description,Closed', '24-1007,SITE,Site package,No')
  print(
    folder,
    'category-totals.csv',
    'Job,Extra,Cost_Code,Category,Original_Estimate,Approved_Estimate_Changes',
    `24-1007,,03-3000,S,"${amount}",-15000.00`,
  )
  print(folder, 'as-of.txt', asOf)
}
