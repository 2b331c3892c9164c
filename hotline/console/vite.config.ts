import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { defineConfig } from 'vitest/config'

// Where `npm run dev` finds the service.
const service = process.env.HOTLINE_SERVICE ?? 'http://127.0.0.1:8348'

export default defineConfig({
  base: './',
  plugins: [
    vue(),
    components({ dts: false, dirs: [], resolvers: [ElementPlusResolver({ importStyle: 'css' })] }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: { global: 'globalThis', __INTLIFY_JIT_COMPILATION__: true, __VUE_I18N_LEGACY_API__: false },
  build: { outDir: 'dist', target: 'chrome87', sourcemap: false, chunkSizeWarningLimit: 800 },
  server: { proxy: { '/api': { target: service, ws: true } } },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.ts'], restoreMocks: true },
})
