/** One search over everything, saved views and exports as the service tells them. */
import type { CallRow, TicketRow } from '@/api/types'
import type { ItemRow } from '@/knowledge/types'

export type ListName = 'tickets' | 'calls'
export interface Found { by_number: boolean; tickets: TicketRow[]; calls: CallRow[]; knowledge: ItemRow[] }
/** What a list is filtered by; days as how many back from today, a number never. */
export type ViewFilter = Partial<Record<'state' | 'category' | 'operator' | 'q' | 'outcome' | 'queue' | 'seat' | 'adapter', string>> & { days?: number }
export interface SavedView { id: number; list: ListName; name: string; filter: ViewFilter; shared: boolean; own: boolean; by: string }
export type Format = 'xlsx' | 'csv'
