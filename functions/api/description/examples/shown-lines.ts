const shownCode = (cost_code: string, cost_type: string) => ({
  sub_job: '',
  cost_code,
  cost_type,
  budget_code: `${cost_code}.${cost_type}`,
})

/** A typed amount. */
export const concrete = (original_budget_amount: string) => ({
  ...shownCode('03-3000', 'S'),
  description: 'Concrete, placed',
  calculation_strategy: 'manual',
  quantity: null,
  uom: '',
  unit_cost: null,
  original_budget_amount,
  budget_changes: '0.00',
  revised_estimate: original_budget_amount,
})

export const steel = {
  ...shownCode('05-1200', 'M'),
  description: 'Steel',
  calculation_strategy: 'automatic',
  quantity: '120.5',
  uom: 'ton',
  unit_cost: '1500',
  original_budget_amount: '180750.00',
  budget_changes: '0.00',
  revised_estimate: '180750.00',
}

export const generalConditions = {
  ...shownCode('01-1000', 'L'),
  description: 'General conditions',
  calculation_strategy: 'automatic',
  quantity: '12',
  uom: 'mo',
  unit_cost: '1485.5',
  original_budget_amount: '17826.00',
  budget_changes: '0.00',
  revised_estimate: '17826.00',
}
