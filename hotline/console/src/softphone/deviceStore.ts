/** The devices of this computer, as they come and go. */
import { computed, ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { sayDone, sayWarning } from '@/say'
import { i18n } from '@/i18n'
import { devicesOf, parseChosen, plugged, usable, type Chosen, type Device, type DeviceKind } from './devices'

const REMEMBERED = 'hotline-devices'

export const useDevices = defineStore('devices', () => {
  const chosen = ref<Chosen>(parseChosen(localStorage.getItem(REMEMBERED)))
  const here = shallowRef<Device[]>([])
  const inUse = computed(() => usable(chosen.value, here.value))
  const microphones = computed(() => here.value.filter((one) => one.isInput && one.id))
  const outputs = computed(() => here.value.filter((one) => !one.isInput && one.id))
  /** Names are told once the microphone is allowed. */
  const isNamed = computed(() => here.value.some((one) => one.id))
  const canChooseOutput = 'setSinkId' in HTMLMediaElement.prototype

  async function refresh(): Promise<void> {
    try {
      here.value = devicesOf((await navigator.mediaDevices?.enumerateDevices()) ?? [])
    } catch {
      // A page without a secure context has no devices.
    }
  }

  async function plug(): Promise<void> {
    const before = here.value
    await refresh()
    const { t } = i18n.global
    const { gone, fresh } = plugged(chosen.value, before, here.value)
    for (const kind of gone) sayWarning(t('device.lost', { kind: t(`device.${kind}`) }))
    if (!gone.length && fresh[0]?.label) sayDone(t('device.found', { name: fresh[0].label }))
  }

  function choose(kind: DeviceKind, id: string): void {
    chosen.value = { ...chosen.value, [kind]: id }
    localStorage.setItem(REMEMBERED, JSON.stringify(chosen.value))
  }

  navigator.mediaDevices?.addEventListener?.('devicechange', () => void plug())
  void refresh()

  return { chosen, inUse, microphones, outputs, isNamed, canChooseOutput, refresh, choose }
})
