import { asDouble } from './amounts.ts'
import { padKey } from './code-formats.ts'
import type { Category, CompanyTables, CostCode, CurrentTransaction, Extra, Job } from './company-tables.ts'

export type ViewValue = string | number | boolean
export type ViewRow = Readonly<Record<string, ViewValue>>

/** Tables and columns under Sage's own names, sage-connector.md 5. There is none for unposted entries. */
const views = {
  JCM_MASTER__JOB: ({ jobs }: CompanyTables) => [...jobs.values()].map(jobRow),
  JCM_MASTER__EXTRA: ({ extras }: CompanyTables) => [...extras.values()].map(extraRow),
  JCM_MASTER__COST_CODE: ({ costCodes }: CompanyTables) => [...costCodes.values()].map(costCodeRow),
  JCM_MASTER__CATEGORY: ({ categories }: CompanyTables) => [...categories.values()].map(categoryRow),
  JCM_MASTER__STANDARD_COST_CODE: ({ standardCostCodes }: CompanyTables) =>
    [...standardCostCodes.values()].map((row) => ({
      Cost_Code: padKey('costCode', row.costCode),
      Description: row.description,
      Group_Cost_Code: row.group,
      Closed: row.closed,
    })),
  JCM_MASTER__STANDARD_CATEGORY: ({ standardCategories }: CompanyTables) =>
    [...standardCategories.values()].map((row) => ({
      Category: padKey('category', row.category),
      Description: row.description,
      Accumulate_As: row.accumulateAs,
    })),
  JCT_CURRENT__TRANSACTION: ({ currentTransactions, settings }: CompanyTables) =>
    currentTransactions.map((row) => transactionRow(row, settings.transactionTypes[row.kind])),
} satisfies Record<string, (tables: CompanyTables) => ViewRow[]>

export type ViewName = keyof typeof views

export const isViewName = (name: string): name is ViewName => Object.hasOwn(views, name)

/** `standard` names are the driver's StandardMode=1; `custom` shows the names this company gave its fields. */
export type ColumnNames = 'standard' | 'custom'

export function readView(tables: CompanyTables, view: ViewName, names: ColumnNames): ViewRow[] {
  const rows: ViewRow[] = views[view](tables)
  if (names === 'standard') return rows
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [customName(tables, name), value])),
  )
}

export const customName = ({ faults }: CompanyTables, column: string): string =>
  Object.hasOwn(faults.renamedFields, column) ? (faults.renamedFields[column] ?? column) : column

function jobRow(row: Job): ViewRow {
  return {
    Job: padKey('job', row.job),
    Description: row.description,
    Address_1: row.address,
    City: row.city,
    State: row.state,
    ZIP_Code: row.zip,
    Status: statusOf(row),
    ORIG_ESTIMATE_FINALIZED: row.originalEstimateFinalized,
    ORIGINAL_ESTIMATE: asDouble(row.original),
    JTD_APRVD_ESTIMATE_CHGS: asDouble(row.approved),
    TOTAL_ESTIMATE: asDouble(row.original + row.approved),
    EXTRAS_ORIGINAL_ESTIMATE: asDouble(row.extrasOriginal),
    EXTRAS_JTD_APRVD_ESTIMATE_CHGS: asDouble(row.extrasApproved),
    EXTRAS_TOTAL_ESTIMATE: asDouble(row.extrasOriginal + row.extrasApproved),
  }
}

function extraRow(row: Extra): ViewRow {
  return {
    Job: padKey('job', row.job),
    Extra: padKey('extra', row.extra),
    Description: row.description,
    Status: statusOf(row),
    ...estimateColumns(row),
  }
}

function costCodeRow(row: CostCode): ViewRow {
  return {
    Job: padKey('job', row.job),
    Extra: padKey('extra', row.extra),
    Cost_Code: padKey('costCode', row.costCode),
    Description: row.description,
    Group_Cost_Code: row.group,
    Status: statusOf(row),
    ...estimateColumns(row),
  }
}

const statusOf = ({ closed }: { closed: boolean }): string => (closed ? 'Closed' : 'In progress')

/** The cost code's name for approved changes differs from the category's, as in Sage. */
const estimateColumns = (row: Extra | CostCode): ViewRow => ({
  Original_Estimate: asDouble(row.original),
  JTD_Aprvd_Estimate_Chgs: asDouble(row.approved),
  Total_Estimate: asDouble(row.original + row.approved),
})

function categoryRow(row: Category): ViewRow {
  return {
    Job: padKey('job', row.job),
    Extra: padKey('extra', row.extra),
    Cost_Code: padKey('costCode', row.costCode),
    Category: padKey('category', row.category),
    Description: row.description,
    Accumulate_As: row.accumulateAs ?? '',
    Original_Estimate: asDouble(row.original),
    Pending_Estimate_Changes: 0,
    Approved_Estimate_Changes: asDouble(row.approved),
    Total_Estimate: asDouble(row.original + row.approved),
    Original_Estimate_Units: asDouble(row.originalUnits),
    Pending_Estimate_Changes_Units: 0,
    Approved_Estimate_Changes_Units: asDouble(row.approvedUnits),
    Total_Estimate_Units: asDouble(row.originalUnits + row.approvedUnits),
  }
}

/** What an import leaves in Description, Batch, Source and the references is unknown: blank, so nothing of ours shows. */
function transactionRow(row: CurrentTransaction, type: string): ViewRow {
  return {
    Job: padKey('job', row.job),
    Extra: padKey('extra', row.extra),
    Cost_Code: padKey('costCode', row.costCode),
    Category: padKey('category', row.category),
    Transaction_Type: type,
    Run: row.run,
    Sequence: row.sequence,
    Transaction_Date: row.date,
    Accounting_Date: row.date,
    Description: '',
    Units: asDouble(row.units),
    Amount: asDouble(row.amount),
    Batch: '',
    Source: '',
    Ref_1: '',
    Ref_2: '',
    Change_Order: row.changeOrder,
    Operator_Stamp: row.operator,
    Date_Stamp: row.stampedAt.slice(0, 10),
    Time_Stamp: row.stampedAt.slice(11, 19),
    ROW_ID: row.rowId,
    ROW_VERSION: row.rowVersion,
  }
}
