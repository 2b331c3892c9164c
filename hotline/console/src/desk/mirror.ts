/** Where is what was typed while the service cannot be reached? In the browser's database, until it is saved. */
import type { TicketFields } from '@/api/types'

export interface Mirrored {
  number: string
  account: string
  /** Version the changes were made on. */
  version: number
  changes: Partial<TicketFields>
  /** What the service had in those fields, as far as it was known. */
  base?: Partial<TicketFields>
  /** What was sent without an answer: it may be at the service or not. */
  unsure?: Partial<TicketFields>
  at: string
}

export interface Mirror {
  read(number: string, account: string): Promise<Mirrored | null>
  list(account: string): Promise<Mirrored[]>
  write(kept: Mirrored): Promise<void>
  remove(number: string): Promise<void>
  clear(): Promise<void>
}

const DATABASE = 'hotline-drafts'
const STORE = 'drafts'

export class BrowserMirror implements Mirror {
  private opened: Promise<IDBDatabase> | null = null

  async read(number: string, account: string): Promise<Mirrored | null> {
    const kept = await this.run<Mirrored | undefined>('readonly', (store) => store.get(number))
    return kept && kept.account === account ? kept : null
  }

  async list(account: string): Promise<Mirrored[]> {
    const kept = (await this.run<Mirrored[]>('readonly', (store) => store.getAll())) ?? []
    return kept.filter((one) => one.account === account)
  }

  async write(kept: Mirrored): Promise<void> {
    await this.run('readwrite', (store) => store.put(kept))
  }

  async remove(number: string): Promise<void> {
    await this.run('readwrite', (store) => store.delete(number))
  }

  async clear(): Promise<void> {
    await this.run('readwrite', (store) => store.clear())
  }

  /** A browser without the database (private window, quota) still works: only the safety net is missing. */
  private async run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest): Promise<T | undefined> {
    try {
      const database = await this.open()
      return await new Promise<T>((resolve, reject) => {
        const request = work(database.transaction(STORE, mode).objectStore(STORE))
        request.onsuccess = () => resolve(request.result as T)
        request.onerror = () => reject(request.error as Error)
      })
    } catch {
      return undefined
    }
  }

  private open(): Promise<IDBDatabase> {
    this.opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(DATABASE, 1)
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'number' })
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error as Error)
    })
    return this.opened
  }
}

export const mirror: Mirror = new BrowserMirror()
