/** What one line of a ticket's history says beside its name: to whom, how, what was asked. */
import type { StepLine } from './types'

/** A catalogue group and a code in it, or words as they are. */
export interface Aside { group?: string; text: string }

export function asides(step: StepLine): Aside[] {
  const { data } = step
  const found: Aside[] = []
  const say = (key: string, group?: string) => {
    const value = data[key]
    if (typeof value === 'string' && value) found.push({ group, text: value })
  }
  switch (step.step) {
    case 'dispatch':
    case 'designate':
    case 'pass_on':
      say('unit')
      for (const one of Array.isArray(data.helpers) ? data.helpers : []) found.push({ group: 'handling.helper', text: String(one) })
      break
    case 'follow_up':
      say('contentment', 'handling.contentments')
      if (typeof data.solved === 'boolean') found.push({ group: 'handling.solved', text: data.solved ? 'yes' : 'no' })
      say('way', 'handling.ways')
      break
    case 'asked':
    case 'decided':
      say('kind', 'handling.asked')
      break
    case 'overdue':
    case 'warned':
      say('kind', 'handling.dues')
      break
    case 'merge':
      say('into')
      break
    case 'merged_in':
      say('ticket')
      break
    case 'not_accept':
      say('channel')
  }
  return found
}

/** Colour of the line's dot: well, pressing, against it, or neither. */
export function tone(step: StepLine): 'good' | 'warn' | 'bad' | 'plain' {
  if (step.step === 'follow_up') return step.data.contentment === 'dissatisfied' ? 'bad' : step.data.contentment === 'not_reached' ? 'warn' : 'good'
  if (step.step === 'decided') return step.data.granted ? 'good' : 'bad'
  if (['reply', 'review', 'close'].includes(step.step)) return 'good'
  if (['return', 'send_back', 'overdue', 'not_accept', 'terminate', 'reopen'].includes(step.step)) return 'bad'
  return ['urge', 'supervise', 'recall', 'asked', 'warned'].includes(step.step) ? 'warn' : 'plain'
}
