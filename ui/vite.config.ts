import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const backend = process.env.UI_BACKEND ?? 'http://127.0.0.1:3000'

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2023',
    // the content security policy allows no data: fonts and no inline script, so nothing is inlined
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    manifest: true,
    license: { fileName: 'licenses.md' },
  },
  server: { proxy: { '/v1': { target: backend, changeOrigin: false } } },
  test: {
    environment: 'jsdom',
    environmentOptions: { jsdom: { url: 'http://kubeorch.test/' } },
    setupFiles: ['./src/testing/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.mjs'],
    restoreMocks: true,
    unstubGlobals: true,
    sequence: { shuffle: true },
    testTimeout: 60_000,
    // CI builds the local Kubernetes beside these: what was only too slow for a moment is tried once more, and said
    retry: process.env.CI ? 1 : 0,
    css: false,
  },
})
