// What tests import as use-local.ts in a mutation run: a database process for each mutant would take too long, and the
// table in memory answers alike (memory-table.test.ts).
export {
  useLocalBucket,
  useMemoryDatabase,
  useMemoryDatabase as useLocalDatabase,
} from '../store/use-local.ts'
