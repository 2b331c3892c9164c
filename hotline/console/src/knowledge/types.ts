/** The knowledge base as the service tells it. */
import type { PageQuery } from '@/api/types'

export const KINDS = ['script', 'article', 'statute', 'case'] as const
export type Kind = (typeof KINDS)[number]
export type State = 'draft' | 'reviewed' | 'published' | 'withdrawn'
export type Step = 'review' | 'publish' | 'check' | 'withdraw'
export type Validity = 'effective' | 'not_yet' | 'repealed'

export interface Content {
  title: string
  body: string
  citation: string
  categories: string[]
  matters: string[]
  tags: string[]
  source: string
  effective_on: string | null
  repealed_on: string | null
}

interface Known {
  id: number
  kind: Kind
  /** Of the newest version. */
  state: State
  revision: number
  version: number
  /** The version that the desks see. */
  published: number | null
  review_on: string | null
  from_ticket: string | null
  used: number
  useful: number
  wrong: number
  validity: Validity
}

export interface ItemRow extends Known, Omit<Content, 'body'> { excerpt: string }
export interface AtHand extends ItemRow { body: string }
export interface Item extends Known, Content { newest: number; made_at: string; made_by: string; own: boolean }
export interface StepLine { version: number; step: string; at: string; by: string; reason: string }
export interface Piece { was: string; now: string; sort: string; doubtful: boolean }
export type Pieces = Record<string, Piece[]>
export interface Feedback {
  id: number
  item: number
  title: string
  version: number
  at: string
  by: string
  useful: boolean
  words: string
  settled_at: string | null
  settled_by: string
  settled_words: string
}
export interface StepWish { step: Step; reason?: string; review_on?: string | null; confirmed?: boolean }
export type HandQuery = { category?: string; matter?: string; q?: string; kind?: Kind }
export type ItemQuery = PageQuery & { q?: string; kind?: string; category?: string; state?: string; drafts?: boolean; review_due?: boolean }
export type FeedbackQuery = PageQuery & { waiting?: boolean; item?: number }

export const FATES = ['added', 'changed', 'kept', 'wrong'] as const
export type Fate = (typeof FATES)[number]
export interface Loaded { dry_run: boolean; counts: Record<Fate, number>; items: { row: number; title: string; fate: Fate; faults: string[] }[] }
