import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, SageCompany, createCompanyFolder } from './company-folder.ts'
import type { CompanySettingsInput } from './company-tables.ts'
import { SageRefusal } from './refusals.ts'

export interface SageOptions {
  readonly clock?: Clock
}

/** Names that are a folder on Windows too. */
const companyName = /^[A-Za-z0-9][A-Za-z0-9 &'()_.-]{0,58}[A-Za-z0-9)_]$|^[A-Za-z0-9]$/

/** Opens the folder that holds the company data folders of one Sage installation, and makes it where there is none. */
export function openSage(folder: string, options: SageOptions = {}): Sage {
  mkdirSync(folder, { recursive: true })
  return new Sage(folder, options.clock ?? (() => new Date()))
}

export class Sage {
  readonly #folder: string
  readonly #clock: Clock
  readonly #open = new Map<string, SageCompany>()

  constructor(folder: string, clock: Clock) {
    this.#folder = folder
    this.#clock = clock
  }

  /** Names of the companies, in order. */
  companies(): string[] {
    const entries = readdirSync(this.#folder, { withFileTypes: true })
    const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
    return names.filter((name) => existsSync(join(this.#folder, name, 'company.json'))).toSorted()
  }

  /** @throws {SageRefusal} COMPANY_NAME, COMPANY_EXISTS (upper and lower case are one name, as on Windows) */
  createCompany(name: string, settings: CompanySettingsInput = {}): SageCompany {
    if (!companyName.test(name))
      throw new SageRefusal('COMPANY_NAME', `"${name}" cannot be the name of a company data folder`)
    if (this.companies().some((known) => known.toLowerCase() === name.toLowerCase()))
      throw new SageRefusal('COMPANY_EXISTS', `company ${name} is there already`)
    createCompanyFolder(join(this.#folder, name), settings)
    return this.company(name)
  }

  /** @throws {SageRefusal} COMPANY_UNKNOWN */
  company(name: string): SageCompany {
    const open = this.#open.get(name)
    if (open) return open
    if (!this.companies().includes(name))
      throw new SageRefusal('COMPANY_UNKNOWN', `there is no company ${name}`)
    const company = new SageCompany(name, join(this.#folder, name), this.#clock)
    this.#open.set(name, company)
    return company
  }
}
