export default {
  base: './',
  build: { outDir: 'dist-vite' },
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['foolscope'] },
};
