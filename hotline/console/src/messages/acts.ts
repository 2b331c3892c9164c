/** What may a person do about a message now, and how does its state look? */
import type { MessageAct, MessageRow, MessageState } from './types'

const ACTS: Partial<Record<MessageState, MessageAct[]>> = {
  wanted: ['cancel'],
  ready: ['cancel'],
  held: ['release', 'cancel'],
  in_doubt: ['arrived', 'not-arrived', 'cancel'],
  refused: ['retry'],
}

export function actsOn(row: Pick<MessageRow, 'state'>): MessageAct[] {
  return ACTS[row.state] ?? []
}

export function colourOf(state: MessageState): 'success' | 'warning' | 'danger' | 'info' | 'primary' {
  switch (state) {
    case 'delivered':
      return 'success'
    case 'sent':
    case 'ready':
    case 'wanted':
      return 'primary'
    case 'held':
    case 'in_doubt':
      return 'warning'
    case 'refused':
    case 'undelivered':
      return 'danger'
    default:
      return 'info'
  }
}
