/** Does the microphone hear anything? Level 0…1 while the test runs; nothing is recorded or sent. */

export interface MicrophoneTest { stop: () => void }

export async function listen(onLevel: (level: number) => void, device = ''): Promise<MicrophoneTest> {
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException('', 'NotSupportedError')
  const stream = await navigator.mediaDevices.getUserMedia({ audio: device ? { deviceId: { ideal: device } } : true })
  const context = new AudioContext()
  await context.resume()
  const meter = context.createAnalyser()
  meter.fftSize = 1024
  context.createMediaStreamSource(stream).connect(meter)
  const samples = new Float32Array(meter.fftSize)
  const timer = setInterval(() => {
    meter.getFloatTimeDomainData(samples)
    let energy = 0
    for (const sample of samples) energy += sample * sample
    // Speech at the desk is around -30 dBFS: the square root spreads it over the bar.
    onLevel(Math.min(1, Math.sqrt(Math.sqrt(energy / samples.length)) * 1.6))
  }, 80)
  return {
    stop() {
      clearInterval(timer)
      for (const track of stream.getTracks()) track.stop()
      void context.close()
    },
  }
}
