/** Which key does what at the desk? Never while Chinese is being composed, never bare letters in a form. */

export type Deed =
  | 'answer' | 'hang-up' | 'ready' | 'busy' | 'save-ready' | 'hold' | 'mute' | 'keypad' | 'consult' | 'transfer' | 'join' | 'cancel-consult' | 'emergency' | 'list'

export interface Hotkey { deed: Deed; key: string; label: string; ctrl?: boolean; shift?: boolean; holdMs?: number }

/** Chrome keeps F1, F3, F5, F6, F7, F10, F11 and F12 for itself, and with Ctrl+Shift: A B C D G I J M N O P Q R T V W. */
export const HOTKEYS: readonly Hotkey[] = [
  { deed: 'answer', key: 'F2', label: 'F2' },
  { deed: 'hang-up', key: 'F4', label: 'F4', holdMs: 500 },
  { deed: 'ready', key: 'F8', label: 'F8' },
  { deed: 'busy', key: 'F9', label: 'F9' },
  { deed: 'save-ready', key: 'Enter', label: 'Ctrl + Enter', ctrl: true },
  ...([['hold', 'H'], ['mute', 'U'], ['keypad', 'K'], ['consult', 'S'], ['transfer', 'X'], ['join', 'Y'], ['cancel-consult', 'L'], ['emergency', 'E']] as const).map(
    ([deed, key]): Hotkey => ({ deed, key, label: `Ctrl + Shift + ${key}`, ctrl: true, shift: true }),
  ),
  { deed: 'list', key: '?', label: '?' },
]

/** What browsers report for keys that an input method (输入法) swallows. */
const COMPOSING_KEY_CODE = 229

export interface KeyPress {
  key: string
  keyCode?: number
  isComposing?: boolean
  ctrlKey?: boolean
  shiftKey?: boolean
  altKey?: boolean
  metaKey?: boolean
  repeat?: boolean
  target?: EventTarget | null
}

/** The hot key that this press means, or null. */
export function match(press: KeyPress): Hotkey | null {
  if (press.isComposing || press.keyCode === COMPOSING_KEY_CODE) return null
  if (press.altKey || press.metaKey) return null
  for (const hotkey of HOTKEYS) {
    if (hotkey.shift ? press.key.toUpperCase() !== hotkey.key || !press.shiftKey : press.key !== hotkey.key) continue
    if (Boolean(hotkey.ctrl) !== Boolean(press.ctrlKey)) continue
    if (hotkey.key.length === 1 && isTypedInto(press.target)) continue
    return hotkey
  }
  return null
}

export function isTypedInto(target: EventTarget | null | undefined): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/** Listens until the returned function is called. `onHold` tells how far a held key has come, 0…1. */
export function listenForKeys(act: (deed: Deed) => void, onHold: (share: number) => void = () => {}): () => void {
  let held: { key: string; timer: ReturnType<typeof setTimeout>; ticker: ReturnType<typeof setInterval> } | null = null

  function letGo(): void {
    if (!held) return
    clearTimeout(held.timer)
    clearInterval(held.ticker)
    held = null
    onHold(0)
  }

  function press(event: KeyboardEvent): void {
    const hotkey = match(event)
    if (!hotkey) return
    event.preventDefault()
    if (event.repeat) return
    if (!hotkey.holdMs) {
      act(hotkey.deed)
      return
    }
    letGo()
    const began = Date.now()
    const whole = hotkey.holdMs
    held = {
      key: hotkey.key,
      timer: setTimeout(() => {
        letGo()
        act(hotkey.deed)
      }, whole),
      ticker: setInterval(() => onHold(Math.min(1, (Date.now() - began) / whole)), 40),
    }
  }

  function lift(event: KeyboardEvent): void {
    if (held && event.key === held.key) letGo()
  }

  window.addEventListener('keydown', press, { capture: true })
  window.addEventListener('keyup', lift, { capture: true })
  window.addEventListener('blur', letGo)
  return () => {
    letGo()
    window.removeEventListener('keydown', press, { capture: true })
    window.removeEventListener('keyup', lift, { capture: true })
    window.removeEventListener('blur', letGo)
  }
}
