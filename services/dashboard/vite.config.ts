import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const gateway = process.env.GATEWAY_URL ?? 'http://127.0.0.1:8000';
const api = [
  '/marketplace',
  '/escrow',
  '/training',
  '/trigger_fl',
  '/ops',
  '/session',
  '/identity',
  '/join',
  '/audit',
  '/metrics_summary',
  '/errors',
  '/docs',
];

export default defineConfig({
  base: '/app/',
  plugins: [react()],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy: Object.fromEntries(api.map((path) => [path, gateway])) },
  build: {
    target: 'es2023',
    // The size check reads which file the page loads first from here.
    manifest: true,
    // Inlined data: URLs of scripts would be refused by the page's content security policy.
    assetsInlineLimit: 0,
  },
  test: { include: ['src/**/*.test.{ts,tsx}'] },
});
