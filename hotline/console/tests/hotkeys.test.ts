import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HOTKEYS, listenForKeys, match, type Deed } from '@/desk/hotkeys'

describe('hot keys', () => {
  it('mean what the list says', () => {
    expect(match({ key: 'F2' })?.deed).toBe('answer')
    expect(match({ key: 'F8' })?.deed).toBe('ready')
    expect(match({ key: 'Enter', ctrlKey: true })?.deed).toBe('save-ready')
    expect(match({ key: 'Enter' })).toBeNull()
    expect(match({ key: 'F2', ctrlKey: true })).toBeNull()
    expect(match({ key: 'F9', altKey: true })).toBeNull()
    expect(match({ key: 'H', ctrlKey: true, shiftKey: true })?.deed).toBe('hold')
    expect(match({ key: 'e', ctrlKey: true, shiftKey: true })?.deed).toBe('emergency')
    expect([match({ key: 'h', ctrlKey: true }), match({ key: 'H', shiftKey: true }), match({ key: 'H', ctrlKey: true, shiftKey: true, isComposing: true })]).toEqual([null, null, null])
  })

  it.each(['F2', 'F4', 'F8', 'F9', '?'])('%s does nothing while Chinese is composed', (key) => {
    expect(match({ key, isComposing: true })).toBeNull()
    expect(match({ key, keyCode: 229 })).toBeNull()
    expect(match({ key: 'Enter', ctrlKey: true, isComposing: true })).toBeNull()
  })

  it('leave to Chrome what it takes before any page', () => {
    const taken = [...'ABCDGIJMNOPQRTVW']
    expect(HOTKEYS.filter((one) => one.shift && taken.includes(one.key))).toEqual([])
    expect(HOTKEYS.filter((one) => /^F(1|3|5|6|7|10|11|12)$/.test(one.key))).toEqual([])
  })

  it('a bare character in a form is text, a function key is not', () => {
    const field = document.createElement('textarea')
    expect(match({ key: '?', target: field })).toBeNull()
    expect(match({ key: '?', target: document.body })?.deed).toBe('list')
    expect(match({ key: 'F8', target: field })?.deed).toBe('ready')
  })

  describe('pressed', () => {
    let deeds: Deed[]
    let stop: () => void
    const press = (key: string, init: KeyboardEventInit = {}) => window.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true, ...init }))
    const lift = (key: string) => window.dispatchEvent(new KeyboardEvent('keyup', { key }))

    beforeEach(() => {
      vi.useFakeTimers()
      deeds = []
      stop = listenForKeys((deed) => deeds.push(deed))
    })
    afterEach(() => {
      stop()
      vi.useRealTimers()
    })

    it('act once, however long they are held', () => {
      press('F2')
      press('F2', { repeat: true })
      expect(deeds).toEqual(['answer'])
    })

    it('F4 hangs up only when held for half a second', () => {
      press('F4')
      vi.advanceTimersByTime(400)
      lift('F4')
      vi.advanceTimersByTime(1000)
      expect(deeds).toEqual([])
      press('F4')
      vi.advanceTimersByTime(500)
      expect(deeds).toEqual(['hang-up'])
    })

    it('leaving the window lets go of the key', () => {
      press('F4')
      window.dispatchEvent(new Event('blur'))
      vi.advanceTimersByTime(1000)
      expect(deeds).toEqual([])
    })

    it('say nothing after they are switched off', () => {
      stop()
      press('F8')
      expect(deeds).toEqual([])
    })
  })
})
