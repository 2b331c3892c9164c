import { describe, expect, it } from 'vitest'
import type { Hall, QueueView, Reach } from '@/api/types'
import { matching, outsideRows, queueRows, seatRows } from '@/desk/target'
import { seat } from './samples'

const CAN = { seats: true, queues: true, outside: false }
const queue = (name: string, waiting: number, seats_ready: number): QueueView => ({ name, label: name, waiting, longest_since: null, seats_ready, seats_signed_in: 3, expected_wait_seconds: null })
const HALL = { queues: [{ name: 'a', label: '婚姻' }, { name: 'b', label: '劳动' }, { name: 'c', label: '合同' }], contacts: [{ id: '12345', label: '12345 热线', kind: 'hotline' }] } as unknown as Hall

describe('targets', () => {
  const seats = [
    seat({ number: '10', state: 'talking', operator_name: '王建国' }), seat({ number: '2', state: 'ready', operator_name: '刘晓燕', groups: ['labour'] }), seat({ number: '3', state: 'busy' }),
    seat({ number: '1' }), seat({ number: '4', state: 'signed_off', operator: null }),
  ]
  it('are the free first, never oneself, never an empty chair', () => {
    expect(seatRows(seats, '1', CAN).map((one) => [one.target, one.isFree])).toEqual([
      [{ kind: 'seat', seat: '2' }, true], [{ kind: 'seat', seat: '3' }, true], [{ kind: 'seat', seat: '10' }, false],
    ])
  })
  it('are shown and not offered where the line cannot ring the phone', () => {
    const desk = { phone_kind: 'desk', state: 'ready' } as const
    const there = [seat({ number: '2', extension: '8002', ...desk }), seat({ number: '3', extension: '8003', ...desk }), seat({ number: '4', phone_kind: 'browser' }), seat({ number: '5', phone_kind: 'mobile' })]
    const offered = (reach: Reach | null) => seatRows(there, '1', CAN, reach).filter((one) => one.isFree).map((one) => one.key)
    expect(offered(null)).toEqual(['seat-2', 'seat-3', 'seat-4', 'seat-5'])
    expect(offered({ kinds: ['desk'], extensions: ['8003'] })).toEqual(['seat-3'])
    expect(offered({ kinds: ['desk', 'browser', 'mobile'], elsewhere: ['8003'] })).toEqual(['seat-2', 'seat-4', 'seat-5'])
    expect(offered({ kinds: [] })).toEqual([])
    expect(seatRows(there, '1', CAN, { kinds: ['desk'], extensions: ['8003'] }).map((one) => [one.key, one.isElsewhere])).toEqual([
      ['seat-3', false], ['seat-2', true], ['seat-4', true], ['seat-5', true],
    ])
  })
  it('are groups with free seats first, then the shorter line', () => {
    expect(queueRows([queue('a', 4, 0), queue('b', 1, 0), queue('c', 9, 2)], HALL, CAN).map((one) => one.title)).toEqual(['合同', '劳动', '婚姻'])
  })
  it('outside need a line that can', () => {
    expect(outsideRows(HALL, CAN).map((one) => one.isFree)).toEqual([false])
  })
  it('are found by number, name and group', () => {
    const found = (text: string) => matching(seatRows(seats, '1', CAN), text, (group) => (group === 'labour' ? '劳动劳务' : group)).map((one) => one.title)
    expect([found('１０'), found('晓燕'), found('劳动'), found('没有')]).toEqual([['10 王建国'], ['2 刘晓燕'], ['2 刘晓燕'], []])
  })
})
